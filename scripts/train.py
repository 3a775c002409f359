"""``niteru train``: a model of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from niteru.engine.embedding.model_zoo import find_model
from niteru.scripts.common import crops_option, json_option, plain_errors, print_json, strangers_option, training_wing

if TYPE_CHECKING:
    from niteru.engine.training.embedding.gain import Report

SCRATCH = "scratch"


@click.command("train")
@click.argument("faces", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("trained"), show_default=True)
@click.option("--model", help="Model to fit to FACES; the shipped one by default.")
@click.option(
    "--from",
    "start",
    metavar="MODEL|scratch",
    help="Make a new model, from tens of thousands of photos and in hours: from a model at hand that is a "
    "MobileFaceNet, or from nothing.",
)
@strangers_option
@click.option(
    "--teacher",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="With --from: vectors of other networks to learn from, a folder that niteru teach wrote.",
)
@click.option("--test", type=click.Path(path_type=Path), help="With --from: people to measure on, or a tenth of FACES.")
@click.option(
    "--groups",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="With --from: strangers to measure on, a folder a group; they also say what similarities mean.",
)
@click.option("--steps", type=click.IntRange(3), help="With --from: batches in all, instead of the recipe's.")
@crops_option
@json_option
@plain_errors
def command(
    faces: Path,
    out: Path,
    model: str | None,
    start: str | None,
    strangers: Path | None,
    teacher: Path | None,
    test: Path | None,
    groups: Path | None,
    steps: int | None,
    crops: bool,
    as_json: bool,
) -> None:
    """Fit the shipped model to the people in FACES, and say whether that made it better.

    Held-out photos and held-out people are measured first; the weights go only as far from the shipped ones as that
    pays. The model folder is OUT/model. With --from a new model learns from FACES: from scratch it is first taught
    "same person or not" (Siamese), then to tell people apart; a MobileFaceNet knows the first already. An interrupted
    run goes on where it stopped; without --test every tenth person is kept to measure on.

    \b
    niteru train photos/ --out my-model
    niteru model use my-model/model
    niteru train faces/ --from mobilefacenet --strangers more/ --teacher teacher/ --test other-faces/
    """
    if start:
        if model:
            raise click.UsageError("--model is fitted to FACES; --from makes a new one")
        with training_wing():
            from niteru.engine.training.embedding.recipe import FROM_MOBILEFACENET, FROM_SCRATCH
            from niteru.engine.training.embedding.run import Sources, train
        recipe = FROM_SCRATCH if start == SCRATCH else FROM_MOBILEFACENET
        begin = None if start == SCRATCH else find_model(start)
        sources = Sources(faces, strangers, test, groups, teacher, begin, crops)
        folder = train(sources, out, recipe.scaled(steps) if steps else recipe)
        print_json({"model": str(folder)}) if as_json else click.echo(f"{folder}: see CARD.md for its figures")
        return
    if test or groups or steps or strangers or teacher:
        raise click.UsageError("--strangers, --teacher, --test, --groups and --steps go with --from")
    report = _fine_tuned(faces, out, find_model(model), crops)
    if as_json:
        print_json({"model": str(out / "model"), "better": report.better, "report": str(out / "report.json")})
    else:
        tell(report, out)


def _fine_tuned(faces: Path, out: Path, base: Path, crops: bool) -> Report:
    with training_wing():
        from niteru.engine.training.embedding.finetune import fine_tune
    return fine_tune(faces, out, base, crops=crops)


def tell(report: Report, out: Path) -> None:
    """Print what fine-tuning brought."""
    click.echo(f"{'weights moved':>14}{'own photos':>14}{'their AUC':>14}{'unseen: AUC':>14}{'TAR at 1e-2':>14}")
    for gain in report.gains:
        mark = "  <" if gain.share == report.chosen else ""
        click.echo(
            f"{gain.share:14.0%}{gain.recall_at_1:14.4f}{gain.own_auc:14.4f}{gain.auc:14.4f}{gain.tar:14.4f}{mark}"
        )
    if report.better:
        click.echo(f"better on your people. Next: niteru model use {out / 'model'} --gallery GALLERY")
    else:
        click.echo(f"no better than the model it started from: keep that one ({out / 'model'} holds its weights)")
