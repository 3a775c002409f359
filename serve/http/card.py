"""``/card.png``: a face and its look-alikes as one picture to keep or share."""

from __future__ import annotations

import io

from flask import Response
from flask_smorest import Blueprint

from niteru.engine import Pixels
from niteru.indexer.ask.lookalike import LookAlike, Question, ask
from niteru.indexer.ask.probe import Probe, from_gallery
from niteru.indexer.gallery import GalleryReader
from niteru.serve.http.api import problems, query
from niteru.serve.http.context import opened
from niteru.serve.http.parameters import CardSchema, Parameters
from niteru.serve.http.refusals import MissingImage
from niteru.serve.pictures.card import Line, draw_card

blueprint = Blueprint("card", __name__, description="A picture to share.")


@blueprint.get("/card.png")
@query(blueprint, CardSchema)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/png")
@problems(blueprint, 400, 404, 503)
def card(parameters: Parameters) -> Response:
    """Draw a face of the gallery and its look-alikes as one PNG, 1080 pixels wide."""
    if not parameters.image:
        raise MissingImage("ask with ?image=NAME/photo.jpg or ?image=face:123")
    with opened() as gallery:
        probe = from_gallery(gallery, parameters.image)
        found = ask(gallery, Question(probe.vector, probe.person_id, parameters.k, max_rarity=parameters.max_rarity))
        picture = draw_card(*_contents(gallery, probe, found.results))
    data = io.BytesIO()
    picture.save(data, "PNG", optimize=True)
    return Response(data.getvalue(), content_type="image/png")


def _contents(gallery: GalleryReader, probe: Probe, rows: list[LookAlike]) -> tuple[str, Pixels | None, list[Line]]:
    lines = [Line(row.person, row.rarity, gallery.crop(row.hits[0].face.id)) for row in rows]
    return probe.person or "", gallery.crop(probe.face["id"]), lines
