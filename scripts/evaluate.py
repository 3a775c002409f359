"""``niteru evaluate``: measure how well a model recognises labelled people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.model_zoo import find_model
from niteru.engine.evaluation.crop_set import prepare
from niteru.engine.evaluation.evaluate import Evaluation, evaluate
from niteru.engine.evaluation.kinface import KinFaces, is_kinface
from niteru.engine.evaluation.kinface import measure as measure_kin
from niteru.engine.work.extras import ExtraMissing, extra
from niteru.scripts.common import (
    crops_option,
    json_option,
    log,
    out_option,
    plain_errors,
    print_json,
    training_packages,
)
from niteru.scripts.likeness import measure_likeness, print_likeness, print_ranks
from niteru.scripts.strangers import measure_strangers, print_strangers

COLUMNS = {
    "accuracy": "accuracy",
    "auc": "AUC",
    "tar_at_far_1e-2": "TAR at 1e-2",
    "tar_at_far_1e-3": "TAR at 1e-3",
    "recall_at_1": "recall@1",
    "all_pairs_tar_at_fmr_1e-3": "all, 1e-3",
    "all_pairs_tar_at_fmr_1e-4": "all, 1e-4",
}
"""Figures of the table and their headings; *all* means over all pairs of the set instead of the listed ones."""


@click.command("evaluate")
@click.argument("faces", type=click.Path(path_type=Path))
@click.option(
    "--pairs",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Pairs to compare, in the format of LFW; FACES/pairs.txt by default.",
)
@click.option("--model", metavar="MODEL", help="Name or folder of the model; the shipped one by default.")
@click.option(
    "--likeness",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Table of what people say of likeness: a,b,score, or a,b,c,odd, or photo,double; see docs/likeness.md.",
)
@click.option(
    "--strangers",
    is_flag=True,
    help="Take every picture in FACES as another person and each folder as a group, and measure false matches.",
)
@click.option(
    "--at",
    metavar="PEOPLE",
    type=click.Path(exists=True, path_type=Path),
    help="Folder of labelled people to set the thresholds on; goes with --strangers.",
)
@click.option(
    "--children",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="List of the photos in FACES that show children, one path per line; adults are then also measured apart.",
)
@out_option("evaluation", "the figures and pictures")
@crops_option
@json_option
@plain_errors
def command(
    faces: Path,
    pairs: Path | None,
    model: str | None,
    likeness: Path | None,
    strangers: bool,
    at: Path | None,
    children: Path | None,
    out: Path,
    crops: bool,
    as_json: bool,
) -> None:
    """Measure how well a model recognises labelled people.

    FACES is a folder with one folder per person; data sets in folders of their own (FACES/SET/PERSON/photo) are also
    measured apart. The figures tell how well pairs are verified, over ten folds, and how often the nearest other photo
    is of the right person. Without a pairs file, pairs are drawn from the names of the folders. A KinFaceW folder is
    measured by the protocol of its authors: are these two parent and child?

    \b
    Examples:
      niteru evaluate lfw/ --pairs pairs.txt
      niteru evaluate my-photos/ --model my-model
      niteru evaluate KinFaceW-II/
      niteru evaluate groups/ --strangers --at lfw/
      niteru evaluate CFD/ --likeness odd-one-out.csv
    """
    if strangers != (at is not None):
        raise click.UsageError("--strangers and --at PEOPLE, whom to set the thresholds on, go together")
    if likeness and (pairs or strangers or children):
        raise click.UsageError("--likeness goes with neither --pairs, --strangers nor --children")
    embedder = Embedder(find_model(model))
    if likeness:
        figures = measure_likeness(faces, likeness, embedder, out, crops)
        print_json(figures) if as_json else print_likeness(figures, out)
    elif strangers and at:
        figures = measure_strangers(faces, at, embedder, out, crops)
        print_json(figures) if as_json else print_strangers(figures, out)
    elif is_kinface(faces):
        if pairs or crops:
            raise click.UsageError("KinFaceW has pairs and crops of its own: leave out --pairs and --crops")
        with training_packages():
            figures = {"model": embedder.info.id, **measure_kin(KinFaces.load(faces), embedder.embed)}
        print_json(figures) if as_json else print_kin(figures)
    else:
        figures = _measure_people(faces, embedder, pairs, children, out, crops)
        print_json(figures) if as_json else print_figures(figures, out)


def _measure_people(
    faces: Path, embedder: Embedder, pairs: Path | None, children: Path | None, out: Path, crops: bool
) -> dict[str, Any]:
    default = faces / "pairs.txt"
    pairs = pairs or (default if default.is_file() else None)
    listed = prepare(faces, crops=crops)
    young = frozenset(children.read_text(encoding="utf-8").splitlines()) if children else frozenset[str]()
    found = evaluate(listed, embedder.embed(listed.crops), pairs, young)
    found.figures["model"] = embedder.info.id
    out.mkdir(parents=True, exist_ok=True)
    _write(found, out)
    return found.figures


def _write(found: Evaluation, out: Path) -> None:
    """Write ``evaluation.json`` and, where matplotlib is installed, the ROC curve."""
    (out / "evaluation.json").write_text(json.dumps(found.figures, indent=2) + "\n", encoding="utf-8")
    if found.curve is None:
        return
    try:
        with extra("train", "the picture of the ROC curve"):
            from matplotlib.figure import Figure
    except ExtraMissing as error:
        log.info("%s", error)
        return

    axes = (figure := Figure((5, 4), layout="constrained")).subplots()
    axes.semilogx(found.curve.far.clip(1e-4), found.curve.tar)
    axes.set(xlabel="false accept rate", ylabel="true accept rate", xlim=(1e-4, 1), ylim=(0, 1.01))
    axes.set_title(f"AUC {found.figures['auc']:.3f}, {found.figures['pairs']} pairs")
    axes.grid(alpha=0.3)
    figure.savefig(out / "roc.png", dpi=120)


def print_figures(figures: dict[str, Any], out: Path) -> None:
    """Print the figures as a table."""
    click.echo(f"{'':16}{'faces':>7}{'pairs':>7}" + "".join(f"{name:>13}" for name in COLUMNS.values()))
    adults = {"adults": figures["adults"]} if figures["adults"] else {}
    for name, row in {"all": figures, **adults, **figures["by_set"]}.items():
        cells = "".join(f"{'–' if row[key] is None else format(row[key], '.4f'):>13}" for key in COLUMNS)
        click.echo(f"{name:16}{row['faces']:7}{row['pairs']:7}{cells}")
    if figures["accuracy"] is not None:
        click.echo(f"accuracy ± {figures['accuracy_sd']:.4f} over the folds; pairs from {figures['pairs_from']}")
    kin = figures["kin"]
    if kin:
        click.echo(
            f"families: {kin['people']} people have relatives among the others; AUC {kin['auc']:.3f}, median rank of "
            f"the nearest relative {kin['rank']:g}, among the first ten for {kin['recall_at_10']:.0%}"
        )
    if "no_pairs" in figures:
        click.echo(f"no verification: {figures['no_pairs']}")
    click.echo(f"{figures['not_found']} photos without a usable face; details in {out}/evaluation.json")


def print_kin(figures: dict[str, Any]) -> None:
    """Print the figures of KinFaceW as a table."""
    click.echo(f"{'':12}{'pairs':>7}{'AUC':>9}{'accuracy':>10}")
    for name, part in figures["by_relation"].items():
        click.echo(f"{name:12}{part['pairs']:7}{part['auc']:9.4f}{part['accuracy']:10.4f}")
    click.echo(f"{'mean':12}{figures['pairs']:7}{figures['kin_auc']:9.4f}{figures['kin_accuracy']:10.4f}")
    click.echo("asked with each child for the parent:")
    print_ranks(figures["parents"])
