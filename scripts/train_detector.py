"""``niteru train-detector``: a face detector of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from niteru.scripts.common import json_option, plain_errors, print_json, training_wing


@click.command("train-detector")
@click.argument("faces", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("detector"), show_default=True)
@click.option("--test", type=click.Path(path_type=Path), help="Photos to measure on; every tenth person's by default.")
@click.option("--steps", type=click.IntRange(2), help="Batches, instead of the recipe's.")
@json_option
@plain_errors
def command(faces: Path, out: Path, test: Path | None, steps: int | None, as_json: bool) -> None:
    """Train a face detector on FACES: photographs, crops, or both, and drawn people beside them.

    Where the faces are stands in a landmarks.csv in FACES or beside it; without one, MTCNN labels the photos first.
    The model folder is OUT/model, with its figures in CARD.md. An interrupted run goes on where it stopped.

    \b
    niteru train-detector photos/ --out my-detector
    """
    with training_wing():
        from niteru.engine.training.detector.recipe import DetectorRecipe
        from niteru.engine.training.detector.run import train
    recipe = DetectorRecipe().scaled(steps) if steps else DetectorRecipe()
    folder = train(faces, out, recipe, test)
    if as_json:
        print_json({"model": str(folder)})
    else:
        click.echo(f"{folder}: see CARD.md for its figures")
