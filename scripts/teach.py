"""``niteru teach``: vectors of a public-domain network, to learn from."""

from __future__ import annotations

from pathlib import Path

import click

from engine.crop_set import prepare
from scripts.common import crops_option, json_option, plain_errors, print_json, training_wing


@click.command("teach")
@click.argument("faces", type=click.Path(path_type=Path))
@crops_option
@json_option
@plain_errors
def command(faces: Path, crops: bool, as_json: bool) -> None:
    """Let dlib's network (CC0) look at every face in FACES; ``niteru train --from-scratch`` then learns from it, too.

    Its vectors go into FACES/teacher-dlib.npz, 256 bytes a face. Labels are not needed for it. About 90 ms a face.

    \b
    niteru teach faces/
    niteru train faces/ --from dlib
    """
    with training_wing():
        from engine.training.embedding.teacher import write_teacher

        found = prepare(faces, crops=crops)
        file = (faces if faces.is_dir() else faces.parent) / "teacher-dlib.npz"
        write_teacher(found, faces if faces.is_dir() else faces.parent, file)
    if as_json:
        print_json({"file": str(file), "faces": len(found.refs)})
    else:
        click.echo(f"{file}: vectors of {len(found.refs)} faces")
