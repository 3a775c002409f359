"""``niteru find``: the faces of one photo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from engine.extraction import FoundFace, extract
from engine.finder import load_finder
from scripts.common import json_option, plain_errors, print_json


@click.command("find")
@click.argument("photo", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@plain_errors
def command(photo: Path, as_json: bool) -> None:
    """Show the faces that are found in PHOTO, the largest first: box, score, and what speaks against them."""
    faces = [_as_json(found) for found in extract(photo, load_finder())]
    if as_json:
        print_json({"photo": str(photo), "faces": faces})
        return
    for number, face in enumerate(faces):
        said = "{}×{} at ({}, {})".format(*(face["box"][i] for i in (2, 3, 0, 1)))
        click.echo(f"{number}: {said}, score {face['score']}, {', '.join(face['quality']) or 'good'}")


def _as_json(found: FoundFace) -> dict[str, Any]:
    return {
        "box": list(found.face.box),
        "landmarks": [[round(float(x), 1), round(float(y), 1)] for x, y in found.face.landmarks],
        "score": round(found.face.score, 4),
        "quality": list(found.quality),
    }
