"""``niteru train``: a model of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from scripts.common import crops_option, fail, json_option, plain_errors, print_json, training_wing


@click.command("train")
@click.argument("faces", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("trained"), show_default=True)
@click.option("--test", type=click.Path(path_type=Path), help="People to measure on; every tenth of FACES by default.")
@click.option("--steps", type=click.IntRange(2), help="Batches in all, instead of the recipe's 3,400.")
@crops_option
@json_option
@plain_errors
def command(faces: Path, out: Path, test: Path | None, steps: int | None, crops: bool, as_json: bool) -> None:
    """Train an embedding on FACES: first "same person or not" (Siamese), then telling people apart.

    The model folder is OUT/model, with its figures in CARD.md. An interrupted run goes on where it stopped. Set
    KERAS_BACKEND=torch to train with PyTorch, on a GPU where there is one.

    \b
    niteru train photos/ --out my-model
    niteru evaluate other-photos/ --model my-model/model
    """
    with training_wing():
        from engine.training.embedding.recipe import Recipe
        from engine.training.embedding.run import TooFewPeople, train
        from engine.training.export import ExportFailed
        from engine.training.loop import RunChanged, TrainingDiverged
    recipe = Recipe().scaled(steps) if steps else Recipe()
    try:
        folder = train(faces, out, recipe, test, crops)
    except (ExportFailed, RunChanged, TooFewPeople, TrainingDiverged) as error:
        fail(error)
    if as_json:
        print_json({"model": str(folder)})
    else:
        click.echo(f"{folder}: see CARD.md for its figures")
