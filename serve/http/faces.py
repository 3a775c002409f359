"""``/faces``: one face of the gallery, its picture, and forgetting it."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from niteru.indexer.ask.answers import age_as_dict
from niteru.indexer.ask.not_found import FaceNotFound
from niteru.indexer.ask.portraits import photo_size
from niteru.indexer.ask.probe import describe_row
from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.gallery import GalleryReader
from niteru.indexer.naming.whom import FACE
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.receipt import Receipt
from niteru.serve.http.access import needs
from niteru.serve.http.api import in_path, problems
from niteru.serve.http.context import late_publication, live, opened
from niteru.serve.http.pages import report_folder
from niteru.serve.http.revalidated import jpeg, revalidated
from niteru.serve.http.schemas import FaceSchema, ReceiptSchema
from niteru.serve.keys.key import Right


def crop_address(face: int) -> str:
    """Path of the picture of a face, for whoever asks now."""
    return f"{request.root_path}/faces/{face}.jpg"


blueprint = Blueprint("faces", __name__, description="Faces of the gallery.")
_NUMBER = in_path("number", "Id of a face.", "123")


@blueprint.get("/faces/<number>", parameters=[_NUMBER])
@revalidated(blueprint)
@blueprint.response(200, FaceSchema)
@problems(blueprint, 404, 503)
def get_face(number: str) -> dict[str, Any]:
    """Describe a face: its photo, its person, its box, landmarks and quality."""
    with opened() as gallery:
        row = _face(gallery, number)
        size, others = photo_size(gallery, row), gallery.queries.faces_of_photo(row.photo)
        age = age_as_dict(gallery.generation, row.person_id, row.id)
    source = {"photo": row.photo, "person": row.person, "second": row.second, "crop": crop_address(row.id)}
    in_photo = [{"id": one.id, "person": one.person, "box": one.box} for one in others if one.second == row.second]
    return {**describe_row(row), **source, **age, "size": size, "in_photo": in_photo}


@blueprint.get("/faces/<number>.jpg", parameters=[_NUMBER])
@revalidated(blueprint)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/jpeg")
@problems(blueprint, 404, 503)
def get_crop(number: str) -> Response:
    """Return the aligned crop, a JPEG of 112×112 pixels."""
    with opened() as gallery:
        data = gallery.crops.data(_face(gallery, number).id)
    if data is None:
        raise FaceNotFound(f"the crop of face {number} is missing")
    return jpeg(data)


@blueprint.delete("/faces/<number>", parameters=[_NUMBER])
@needs(blueprint, Right.DELETE)
@blueprint.response(200, ReceiptSchema)
@problems(blueprint, 401, 403, 404, 429, 503)
def forget_face(number: str) -> Receipt:
    """Forget a face, with its photo where that shows nobody else, and the reports that show it, with a receipt."""
    with late_publication().waiting():
        return forget(live().address, f"{FACE}{number}", shown=[report_folder()])


def _face(gallery: GalleryReader, number: str) -> FaceRow:
    found = gallery.resolve(f"face:{number}")
    if found is None:
        raise FaceNotFound(f"no face {number!r} in the gallery")
    return found
