"""``niteru train``: train a new embedding model, from scratch or from a MobileFaceNet."""

from __future__ import annotations

from pathlib import Path

import click

from niteru.engine.embedding.model_zoo import find_model
from niteru.scripts.common import (
    crops_option,
    json_option,
    out_option,
    plain_errors,
    print_json,
    strangers_option,
    training_packages,
)

SCRATCH = "scratch"


@click.command("train")
@click.argument("faces", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "start",
    metavar="MODEL|scratch",
    default=SCRATCH,
    show_default=True,
    help="Model to start from, by name or folder: a MobileFaceNet such as niteru-v5, which needs far fewer photos; or "
    "scratch, for a model that owes nothing to other people's photos.",
)
@strangers_option
@click.option(
    "--teacher",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of other models' vectors to learn from, written by niteru teach.",
)
@click.option(
    "--test",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Folder of people to measure on; every tenth person of FACES by default.",
)
@click.option(
    "--groups",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of strangers, one folder per group, to measure and calibrate the model on.",
)
@click.option("--steps", metavar="N", type=click.IntRange(3), help="Number of batches; the recipe's by default.")
@out_option("trained", "the model and its checkpoints")
@crops_option
@json_option
@plain_errors
def command(
    faces: Path,
    start: str,
    strangers: Path | None,
    teacher: Path | None,
    test: Path | None,
    groups: Path | None,
    steps: int | None,
    out: Path,
    crops: bool,
    as_json: bool,
) -> None:
    """Train a new embedding model.

    FACES is a folder with one folder per person. Training takes tens of thousands of photos and hours; use `niteru fit`
    to adapt a model to a few people. A model from scratch first learns whether two photos show the same person
    (Siamese), then to tell all people apart; a MobileFaceNet skips the first stage. The model is written to OUT/model,
    with its figures in CARD.md. An interrupted run goes on where it stopped when the command is run again.

    \b
    Examples:
      niteru train faces/ --test other-faces/
      niteru train faces/ --from niteru-v5 --out my-model
      niteru train faces/ --from niteru-v5 --strangers more/ --teacher teacher/ --groups groups/
      niteru model use my-model/model --gallery gallery
    """
    begin = None if start == SCRATCH else find_model(start)
    with training_packages():
        from niteru.engine.training.embedding.recipe import FROM_MOBILEFACENET, FROM_SCRATCH
        from niteru.engine.training.embedding.run import Sources, train
    recipe = FROM_MOBILEFACENET if begin else FROM_SCRATCH
    sources = Sources(faces, strangers, test, groups, teacher, begin, crops)
    folder = train(sources, out, recipe.scaled(steps) if steps else recipe)
    print_json({"model": str(folder)}) if as_json else click.echo(f"{folder}: its figures are in CARD.md")
