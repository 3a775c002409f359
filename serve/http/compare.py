"""``/compare``: how alike two faces or two people are, each of them sent or of the gallery."""

from __future__ import annotations

from typing import Any, Literal

from flask import g, request
from flask_smorest import Blueprint

from niteru.engine.photos.photo_error import PhotoError
from niteru.indexer.ask.chosen_face import FaceTooSmall, NoSuchFace
from niteru.indexer.ask.comparison import Side, compare, comparison_as_dict, side_of
from niteru.indexer.gallery import GalleryReader
from niteru.serve.http.api import problems, query
from niteru.serve.http.comparison_schemas import Compared, ComparedSchema, ComparisonSchema, PairUploadSchema
from niteru.serve.http.context import live, opened
from niteru.serve.http.known_probe import named_probe
from niteru.serve.http.refusals import BadParameter, MissingImage
from niteru.serve.http.uploaded_probe import uploaded_probe

blueprint = Blueprint("compare", __name__, description="Two faces or people beside one another.")
Which = Literal["one", "other"]
_SIDES: tuple[Which, Which] = ("one", "other")


@blueprint.post("/compare")
@query(blueprint, ComparedSchema)
@blueprint.arguments(PairUploadSchema(), location="files", error_status_code=400)
@blueprint.response(200, ComparisonSchema)
@problems(blueprint, 400, 404, 413, 415, 422, 429, 503)
def compare_faces(parameters: Compared, files: dict[str, Any]) -> dict[str, Any]:
    """Say how alike two faces or people are: photos that are sent, or what the gallery has; nothing is kept."""
    sent = _sent()
    with opened() as gallery:
        one, other = (_side_of(gallery, which, sent.get(which), parameters) for which in _SIDES)
        found = compare(live(), gallery, one, other, explain=bool(parameters.explain))
    body = {"request_id": g.request_id, **comparison_as_dict(one, other, found)}
    return body if parameters.explain else {name: part for name, part in body.items() if name != "why"}


def _sent() -> dict[str, bytes]:
    """Photos of the form, by their fields; a field of a form may come several times."""
    strangers = sorted(set(request.form) | (set(request.files) - set(_SIDES)))
    if strangers:
        raise BadParameter(
            f"{strangers[0]!r} is out of place: the form takes photos as 'one' and 'other', the query string the rest"
        )
    if any(len(request.files.getlist(which)) > 1 for which in _SIDES):
        raise BadParameter("send one photo as 'one', and one as 'other'")
    return {which: data for which, file in request.files.items() if (data := file.read())}


def _side_of(gallery: GalleryReader, which: Which, photo: bytes | None, parameters: Compared) -> Side:
    name, face = (parameters.one, parameters.one_face) if which == "one" else (parameters.other, parameters.other_face)
    if photo is None and not name:
        raise MissingImage(f"say who is compared: send a photo as {which!r}, or name one of the gallery, ?{which}=NAME")
    if photo is None:
        return side_of(gallery, named_probe(gallery, name), name)
    if name:
        raise BadParameter(f"{which!r} is sent as a photo and named as well: which of them is meant?")
    try:
        return side_of(gallery, uploaded_probe(gallery, [photo], face))
    except (PhotoError, FaceTooSmall, NoSuchFace) as error:
        raise type(error)(f"{which}: {error}") from None
