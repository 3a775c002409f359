"""``niteru teach``: compute vectors of other models for a new one to learn from."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from niteru.engine.embedding.embedder import ModelInfo
from niteru.engine.embedding.model_zoo import find_model
from niteru.engine.evaluation.crop_set import prepare
from niteru.engine.networks.model_folder import read_info
from niteru.scripts.common import (
    crops_option,
    json_option,
    out_option,
    plain_errors,
    print_json,
    strangers_option,
    training_packages,
)


@click.command("teach")
@click.argument("faces", type=click.Path(path_type=Path))
@strangers_option
@click.option(
    "--model",
    "names",
    metavar="MODEL",
    multiple=True,
    required=True,
    help="Name or folder of a model. Can be given several times.",
)
@out_option("teacher", "the vectors")
@crops_option
@json_option
@plain_errors
def command(faces: Path, strangers: Path | None, names: tuple[str, ...], out: Path, crops: bool, as_json: bool) -> None:
    """Compute vectors of other models to train with.

    FACES is a folder with one folder per person. The vectors of each model are written to OUT/MODEL.npz, for
    `niteru train --teacher`. Run the command again after adding photos: only the new ones are embedded.

    \b
    Examples:
      niteru teach faces/ --model niteru-free --out teacher/
      niteru train faces/ --teacher teacher/
    """
    with training_packages():
        from niteru.engine.training.embedding.teacher import write_teacher
    found = prepare(faces, crops=crops)
    if strangers:
        found = found.and_those_of(prepare(strangers, crops=crops, strangers=True))
    pixels = np.asarray(found.crops)
    done = []
    for folder in map(find_model, names):
        file = out / f"{read_info(folder, ModelInfo).name}.npz"
        done.append({"file": str(file), "faces": len(pixels), "new": write_teacher(folder, pixels, file)})
        if not as_json:
            click.echo("{file}: {faces} faces, {new} of them new".format(**done[-1]))
    if as_json:
        print_json({"files": done, "skipped": len(found.skipped)})
