"""``niteru train``: a new model, from scratch or from a MobileFaceNet."""

from __future__ import annotations

from pathlib import Path

import click

from niteru.engine.embedding.model_zoo import find_model
from niteru.scripts.common import crops_option, json_option, plain_errors, print_json, strangers_option, training_wing

SCRATCH = "scratch"


@click.command("train")
@click.argument("faces", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "start",
    metavar="MODEL|scratch",
    default=SCRATCH,
    show_default=True,
    help="Name or folder of the model to start from, a MobileFaceNet such as niteru-v4, which takes far fewer "
    "photos; or scratch, for a model that owes nothing to other people's photos.",
)
@strangers_option
@click.option(
    "--teacher",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of other models' vectors to learn from, written by niteru teach.",
)
@click.option(
    "--test", type=click.Path(path_type=Path), help="People to measure on; every tenth person of FACES by default."
)
@click.option(
    "--groups",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Strangers to measure on, one folder a group; they also say what similarities mean.",
)
@click.option("--steps", type=click.IntRange(3), help="Number of batches; the recipe's by default.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("trained"),
    show_default=True,
    help="Folder to write the model and its checkpoints to.",
)
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
    """Train a new model on the people in FACES.

    This takes tens of thousands of photos and hours; to adapt a model to a few people, use niteru fit. A model from
    scratch first learns "same person or not" (Siamese), then to tell people apart; a MobileFaceNet knows the first
    already. The model is written to OUT/model, with its figures in CARD.md. An interrupted run goes on where it
    stopped.

    \b
    niteru train faces/ --test other-faces/
    niteru train faces/ --from niteru-v4 --out my-model
    niteru train faces/ --from niteru-v4 --strangers more/ --teacher teacher/ --groups groups/
    niteru model use my-model/model --gallery gallery
    """
    begin = None if start == SCRATCH else find_model(start)
    with training_wing():
        from niteru.engine.training.embedding.recipe import FROM_MOBILEFACENET, FROM_SCRATCH
        from niteru.engine.training.embedding.run import Sources, train
    recipe = FROM_MOBILEFACENET if begin else FROM_SCRATCH
    sources = Sources(faces, strangers, test, groups, teacher, begin, crops)
    folder = train(sources, out, recipe.scaled(steps) if steps else recipe)
    print_json({"model": str(folder)}) if as_json else click.echo(f"{folder}: see CARD.md for its figures")
