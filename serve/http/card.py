"""``/card.png``: a face and its look-alikes as one picture to keep or share."""

from __future__ import annotations

from flask import Response
from flask_smorest import Blueprint
from werkzeug.datastructures import FileStorage

from niteru.indexer.ask.probe import Probe
from niteru.indexer.gallery import GalleryReader
from niteru.serve.http.api import problems, query
from niteru.serve.http.context import live, opened
from niteru.serve.http.known_probe import known_probe
from niteru.serve.http.parameters import CardByNameSchema, CardByPhotoSchema, Parameters, UploadSchema
from niteru.serve.http.uploaded_probe import uploaded_probe, uploads_in
from niteru.serve.pictures.answered import PORTRAIT, asked_card
from niteru.serve.pictures.draw import draw_card
from niteru.serve.pictures.encoding import as_png

blueprint = Blueprint("card", __name__, description="A picture to share.")


@blueprint.get("/card.png")
@query(blueprint, CardByNameSchema)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/png")
@problems(blueprint, 400, 404, 429, 503)
def get_card(parameters: Parameters) -> Response:
    """Draw a person or a face of the gallery and the look-alikes as one PNG."""
    with opened() as gallery:
        return _answer(gallery, known_probe(gallery, parameters), parameters)


@blueprint.post("/card.png")
@query(blueprint, CardByPhotoSchema)
@blueprint.arguments(UploadSchema(), location="files", error_status_code=400)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/png")
@problems(blueprint, 400, 404, 413, 415, 422, 429, 503)
def get_card_of_photos(parameters: Parameters, files: dict[str, list[FileStorage]]) -> Response:
    """Draw the person in uploaded photos and the look-alikes as one PNG; nothing of it is kept."""
    uploads = uploads_in(files)
    with opened() as gallery:
        return _answer(gallery, uploaded_probe(gallery, uploads, parameters.face, PORTRAIT), parameters)


def _answer(gallery: GalleryReader, probe: Probe, parameters: Parameters) -> Response:
    card = asked_card(live(), gallery, probe, parameters.k, parameters.other)
    data = as_png(draw_card(card, parameters.format, parameters.language))
    return Response(data, content_type="image/png")
