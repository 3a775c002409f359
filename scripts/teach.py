"""``niteru teach``: vectors of other models, for a new one to learn from."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from niteru.engine.embedding.embedder import ModelInfo
from niteru.engine.embedding.model_zoo import find_model
from niteru.engine.evaluation.crop_set import prepare
from niteru.engine.networks.model_folder import read_info
from niteru.scripts.common import crops_option, json_option, plain_errors, print_json, strangers_option, training_wing


@click.command("teach")
@click.argument("faces", type=click.Path(path_type=Path))
@strangers_option
@click.option(
    "--model", "names", multiple=True, required=True, help="Name or folder of a model. Can be given several times."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("teacher"),
    show_default=True,
    help="Folder to write the vectors to.",
)
@crops_option
@json_option
@plain_errors
def command(faces: Path, strangers: Path | None, names: tuple[str, ...], out: Path, crops: bool, as_json: bool) -> None:
    """Embed FACES with other models to learn from.

    The vectors of each model go into OUT/MODEL.npz, for niteru train --teacher; the labels of FACES do not matter. Run
    the command again after adding photos: only the new ones are embedded.

    \b
    niteru teach faces/ --model niteru-free --out teacher/
    niteru train faces/ --teacher teacher/
    """
    with training_wing():
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
