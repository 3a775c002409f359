"""``niteru train``: a model of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.model_zoo import find_model
from scripts.common import crops_option, json_option, plain_errors, print_json, training_wing

if TYPE_CHECKING:
    from engine.training.embedding.gain import Report


@click.command("train")
@click.argument("faces", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("trained"), show_default=True)
@click.option("--model", help="Model to fit to FACES; the shipped one by default.")
@click.option(
    "--from",
    "start",
    type=click.Choice(["dlib", "scratch"]),
    help="Make a new model, from tens of thousands of photos and in hours: as the shipped one was made, from dlib's "
    "public-domain network, or from nothing.",
)
@click.option("--test", type=click.Path(path_type=Path), help="With --from: people to measure on, or a tenth of FACES.")
@click.option("--steps", type=click.IntRange(3), help="With --from: batches in all, instead of the recipe's.")
@crops_option
@json_option
@plain_errors
def command(
    faces: Path,
    out: Path,
    model: str | None,
    start: str | None,
    test: Path | None,
    steps: int | None,
    crops: bool,
    as_json: bool,
) -> None:
    """Fit the shipped model to the people in FACES, and say whether that made it better.

    Held-out photos and held-out people are measured first; the weights go only as far from the shipped ones as that
    pays. The model folder is OUT/model. With --from a new model learns from FACES: from scratch it is first taught
    "same person or not" (Siamese), then to tell people apart; dlib's network knows the first already. An interrupted
    run goes on where it stopped; without --test every tenth person is kept to measure on.

    \b
    niteru train photos/ --out my-model
    niteru model use my-model/model
    niteru train faces/ --from dlib --test other-faces/
    """
    if start:
        if model:
            raise click.UsageError("--model is fitted to FACES; --from makes a new one")
        folder = _made(start, faces, out, test, steps, crops)
        print_json({"model": str(folder)}) if as_json else click.echo(f"{folder}: see CARD.md for its figures")
        return
    if test or steps:
        raise click.UsageError("--test and --steps go with --from")
    report = _fine_tuned(faces, out, find_model(model), crops)
    if as_json:
        print_json({"model": str(out / "model"), "better": report.better, "report": str(out / "report.json")})
    else:
        tell(report, out)


def _fine_tuned(faces: Path, out: Path, base: Path, crops: bool) -> Report:
    with training_wing():
        from engine.training.embedding.finetune import fine_tune
    return fine_tune(faces, out, base, crops=crops)


def _made(start: str, faces: Path, out: Path, test: Path | None, steps: int | None, crops: bool) -> Path:
    with training_wing():
        from engine.training.embedding.recipe import FROM_DLIB, FROM_SCRATCH
        from engine.training.embedding.run import train
    recipe = FROM_DLIB if start == "dlib" else FROM_SCRATCH
    return train(faces, out, recipe.scaled(steps) if steps else recipe, test, crops)


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
