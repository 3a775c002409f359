"""``/faces``: one face of the gallery, and its picture."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from flask import Response, send_file
from flask_smorest import Blueprint

from niteru.indexer.ask.not_found import FaceNotFound
from niteru.indexer.ask.probe import describe_row
from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.gallery import GalleryReader
from niteru.serve.http.api import problems
from niteru.serve.http.context import opened
from niteru.serve.http.schemas import FaceSchema


def crop_address(face: int) -> str:
    """Where the picture of a face is."""
    return f"/faces/{face}.jpg"


blueprint = Blueprint("faces", __name__, description="One face of the gallery.")


@blueprint.get("/faces/<number>")
@blueprint.response(200, FaceSchema)
@problems(blueprint, 404, 503)
def face(number: str) -> dict[str, Any]:
    """What is known of a face."""
    with opened() as gallery:
        row = _face(gallery, number)
    where = {"photo": row.photo, "person": row.person, "second": row.second, "crop": crop_address(row.id)}
    return {**describe_row(row), **where}


@blueprint.get("/faces/<number>.jpg")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/jpeg")
@problems(blueprint, 404, 503)
def crop(number: str) -> Response:
    """The aligned crop, 112×112 JPEG."""
    with opened() as gallery:
        data = gallery.crops.data(_face(gallery, number).id)
    if data is None:
        raise FaceNotFound(f"the picture of face {number} is gone")
    # Asked for anew each time (and answered "not modified"): a face that is deleted is gone from caches, too.
    mark = hashlib.sha256(data).hexdigest()[:16]
    sent = send_file(io.BytesIO(data), mimetype="image/jpeg", etag=mark, max_age=0)
    sent.cache_control.private = True
    return sent


def _face(gallery: GalleryReader, number: str) -> FaceRow:
    found = gallery.resolve(f"face:{number}")
    if found is None:
        raise FaceNotFound(f"no face {number!r} in the gallery")
    return found
