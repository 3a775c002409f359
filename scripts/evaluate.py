"""``niteru evaluate``: how good is the model on these people?"""

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
from niteru.scripts.common import crops_option, json_option, log, plain_errors, print_json, training_wing
from niteru.scripts.strangers import strangers as measure_strangers
from niteru.scripts.strangers import tell as tell_strangers

COLUMNS = {
    "accuracy": "accuracy",
    "auc": "AUC",
    "tar_at_far_1e-2": "TAR at 1e-2",
    "tar_at_far_1e-3": "TAR at 1e-3",
    "recall_at_1": "recall@1",
    "all_pairs_tar_at_fmr_1e-3": "all, 1e-3",
    "all_pairs_tar_at_fmr_1e-4": "all, 1e-4",
}
"""Figures of a table, and their headings; *all*: over all pairs of the set instead of the listed ones."""


@click.command("evaluate")
@click.argument("faces", type=click.Path(path_type=Path))
@click.option(
    "--pairs",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="LFW-format file; FACES/pairs.txt by default.",
)
@click.option("--model", help="Name or folder of a model; the shipped one by default.")
@click.option("--strangers", is_flag=True, help="Every picture in FACES shows another person; each folder is a group.")
@click.option(
    "--at", type=click.Path(exists=True, path_type=Path), help="With --strangers: people to set thresholds by."
)
@click.option(
    "--children",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Photos of children in FACES, a path a line: everything is measured without them, too.",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("evaluation"), show_default=True)
@crops_option
@json_option
@plain_errors
def command(
    faces: Path,
    pairs: Path | None,
    model: str | None,
    strangers: bool,
    at: Path | None,
    children: Path | None,
    out: Path,
    crops: bool,
    as_json: bool,
) -> None:
    """Measure the model on FACES: verification over ten folds, and whether the nearest other photo is right.

    Without a pairs file, pairs are drawn from the folders' names. Sub-folders of data sets are told apart
    (FACES/SET/PERSON/photo). Writes evaluation.json and roc.png to --out. A folder of KinFaceW is measured as its
    authors do: are these two parent and child? With --strangers the share of pairs is told that pass for one person
    in each group, at the thresholds of other people.

    \b
    niteru evaluate lfw/ --pairs pairs.txt
    niteru evaluate my-photos/ --model my-model
    niteru evaluate KinFaceW-II/
    niteru evaluate groups/ --strangers --at lfw/
    """
    if strangers != (at is not None):
        raise click.UsageError("--strangers needs people to set thresholds by (--at PEOPLE), and --at goes with it")
    embedder = Embedder(find_model(model))
    if strangers and at:
        figures = measure_strangers(faces, at, embedder, out, crops)
        print_json(figures) if as_json else tell_strangers(figures, out)
        return
    if is_kinface(faces):
        if pairs or crops:
            raise click.UsageError("KinFaceW brings its own pairs and crops: --pairs and --crops are not for it")
        with training_wing():
            figures = {"model": embedder.info.id, **measure_kin(KinFaces.load(faces), embedder.embed)}
        print_json(figures) if as_json else tell_kin(figures)
        return
    default = faces / "pairs.txt"
    pairs = pairs or (default if default.is_file() else None)
    listed = prepare(faces, crops=crops)
    young = frozenset(children.read_text(encoding="utf-8").splitlines()) if children else frozenset[str]()
    found = evaluate(listed, embedder.embed(listed.crops), pairs, young)
    found.figures["model"] = embedder.info.id
    out.mkdir(parents=True, exist_ok=True)
    write(found, out)
    print_json(found.figures) if as_json else tell(found.figures, out)


def write(found: Evaluation, out: Path) -> None:
    """``evaluation.json`` and, where matplotlib is installed, the ROC curve."""
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


def tell(figures: dict[str, Any], out: Path) -> None:
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
            f"families: {kin['people']} people with relatives among the others; AUC {kin['auc']:.3f}, the nearest "
            f"relative stands at place {kin['rank']:g} on the median, among the first ten for {kin['recall_at_10']:.0%}"
        )
    if "no_pairs" in figures:
        click.echo(f"no verification: {figures['no_pairs']}")
    click.echo(f"{figures['not_found']} photos without a usable face; details in {out}/evaluation.json")


def tell_kin(figures: dict[str, Any]) -> None:
    """Print the figures of KinFaceW as a table."""
    click.echo(f"{'':12}{'pairs':>7}{'AUC':>9}{'accuracy':>10}")
    for name, part in figures["by_relation"].items():
        click.echo(f"{name:12}{part['pairs']:7}{part['auc']:9.4f}{part['accuracy']:10.4f}")
    click.echo(f"{'mean':12}{figures['pairs']:7}{figures['kin_auc']:9.4f}{figures['kin_accuracy']:10.4f}")
