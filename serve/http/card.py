"""``/card.png``: a face and its look-alikes as one picture to keep or share."""

from __future__ import annotations

import io

from flask import Response
from flask_smorest import Blueprint

from niteru.indexer.ask.asking import look_alikes
from niteru.indexer.ask.lookalike import Answer, Wish
from niteru.indexer.ask.probe import Probe
from niteru.indexer.gallery import GalleryReader
from niteru.serve.http.api import problems, query
from niteru.serve.http.context import live, opened
from niteru.serve.http.known_probe import known_probe
from niteru.serve.http.parameters import CardSchema, Parameters
from niteru.serve.pictures.card import Card, Line, draw_card

blueprint = Blueprint("card", __name__, description="A picture to share.")


@blueprint.get("/card.png")
@query(blueprint, CardSchema)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/png")
@problems(blueprint, 400, 404, 503)
def card(parameters: Parameters) -> Response:
    """Draw a person or a face of the gallery and the look-alikes as one PNG, 1080 pixels wide."""
    with opened() as gallery:
        probe = known_probe(gallery, parameters)
        found = look_alikes(live(), gallery, probe, Wish(parameters.k))
        picture = draw_card(_card(gallery, probe, found), parameters.language)
    data = io.BytesIO()
    picture.save(data, "PNG", optimize=True)
    return Response(data.getvalue(), content_type="image/png")


def _card(gallery: GalleryReader, probe: Probe, found: Answer) -> Card:
    lines = [
        Line(row.person, row.rarity, row.likely, row.same_person, gallery.crop(row.hits[0].face.id))
        for row in found.results
    ]
    return Card(probe.person or "", gallery.crop(probe.face["id"]), found.nobody_alike, lines)
