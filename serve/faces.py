"""``/faces``: one face of the gallery, and its picture."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, send_file

from indexer.gallery import Gallery
from indexer.rows import FaceRow
from serve.context import opened
from serve.problems import FaceNotFound

blueprint = Blueprint("faces", __name__)


@blueprint.get("/faces/<number>")
def face(number: str) -> dict[str, Any]:
    """What is known of a face."""
    with opened() as gallery:
        said = asdict(_face(gallery, number))
    del said["person_id"]
    return {**said, "crop": f"/faces/{said['id']}.jpg"}


@blueprint.get("/faces/<number>.jpg")
def crop(number: str) -> Response:
    """The aligned crop, 112×112 JPEG."""
    with opened() as gallery:
        file = gallery.crop_file(_face(gallery, number).id)
    try:
        # Asked for anew each time (and answered "not modified"): a face that is deleted is gone from caches, too.
        return send_file(file.resolve(), mimetype="image/jpeg", max_age=0)
    except FileNotFoundError:
        raise FaceNotFound(f"the picture of face {number} is gone") from None


def _face(gallery: Gallery, number: str) -> FaceRow:
    found = gallery.resolve(f"face:{number}")
    if found is None:
        raise FaceNotFound(f"no face {number!r} in the gallery")
    return found
