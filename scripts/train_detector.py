"""``niteru train-detector``: train a new face detector."""

from __future__ import annotations

from pathlib import Path

import click

from niteru.scripts.common import json_option, out_option, plain_errors, print_json, training_packages


@click.command("train-detector")
@click.argument("faces", type=click.Path(path_type=Path))
@out_option("detector", "the model and its checkpoints")
@click.option(
    "--test",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Folder of photos to measure on; those of every tenth person in FACES by default.",
)
@click.option("--steps", metavar="N", type=click.IntRange(2), help="Number of batches; the recipe's by default.")
@json_option
@plain_errors
def command(faces: Path, out: Path, test: Path | None, steps: int | None, as_json: bool) -> None:
    """Train a new face detector.

    FACES is a folder of photographs, face crops, or both, with one folder per person; drawn people are added to them.
    The places of the faces come from a landmarks.csv in FACES or beside it; without one, MTCNN labels the photos first.
    The model is written to OUT/model, with its figures in CARD.md. An interrupted run goes on where it stopped when the
    command is run again.

    \b
    Examples:
      niteru train-detector photos/ --out my-detector
    """
    with training_packages():
        from niteru.engine.training.detector.recipe import DetectorRecipe
        from niteru.engine.training.detector.run import train
    recipe = DetectorRecipe().scaled(steps) if steps else DetectorRecipe()
    folder = train(faces, out, recipe, test)
    if as_json:
        print_json({"model": str(folder)})
    else:
        click.echo(f"{folder}: its figures are in CARD.md")
