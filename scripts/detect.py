"""``niteru detect``: show the faces of one photo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from niteru.engine.faces.contact_sheet import mark_faces, save_picture
from niteru.engine.faces.detector import load_detector
from niteru.engine.faces.extraction import DetectedFace, extract
from niteru.engine.faces.main_face import main_face
from niteru.engine.photos.decode import read_picture
from niteru.engine.photos.decoding.picture import Picture
from niteru.engine.photos.photo_error import PhotoError
from niteru.scripts.common import fail, json_option, plain_errors, print_json


@click.command("detect")
@click.argument("photo", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--draw",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a copy of PHOTO with its faces marked.",
)
@json_option
@plain_errors
def command(photo: Path, draw: Path | None, as_json: bool) -> None:
    """Show the faces that are found in a photo.

    PHOTO is a picture file. Its faces are listed with box, score and quality, the largest first; their numbers are
    those of `niteru similar --face`, and the main one, which `niteru similar` asks about by default, is named.

    \b
    Examples:
      niteru detect party.jpg
      niteru detect party.jpg --draw marked.png
      niteru detect party.jpg --json
    """
    if draw and draw.resolve() == photo.resolve():
        fail(f"{draw} is the photo itself: give --draw another name")
    try:
        picture = read_picture(photo)
        faces = extract(picture, load_detector())
    except PhotoError as error:
        fail(f"{photo}: {error}")
    if draw:
        _draw(picture, faces, draw)
    main = main_face([found.face for found in faces], picture.size)
    if as_json:
        print_json({"photo": str(photo), "faces": [_as_json(found) for found in faces], "main": main})
        return
    for number, found in enumerate(faces):
        named = ", the main one" if number == main and len(faces) > 1 else ""
        click.echo(f"{number}: {_place(found)}, score {found.face.score:.4f}, {_verdict(found)}{named}")


def _draw(picture: Picture, faces: list[DetectedFace], out: Path) -> None:
    marks = [
        (found.face.scaled(1 / picture.scale), f"{number} {_verdict(found)}", not found.quality)  # as the copy is
        for number, found in enumerate(faces)
    ]
    try:
        save_picture(out, mark_faces(picture.pixels, marks))
    except ValueError as error:
        fail(error)
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror}")


def _place(found: DetectedFace) -> str:
    x, y, width, height = found.face.box
    return f"{width}×{height} at ({x}, {y})"


def _verdict(found: DetectedFace) -> str:
    return ", ".join(found.quality) or "good"


def _as_json(found: DetectedFace) -> dict[str, Any]:
    return {
        "box": list(found.face.box),
        "landmarks": [[round(float(x), 1), round(float(y), 1)] for x, y in found.face.landmarks],
        "score": round(found.face.score, 4),
        "quality": list(found.quality),
    }
