"""``/card.png``: one picture to keep or share, the face and its look-alikes with their names and how rare that is."""

from __future__ import annotations

import io
from dataclasses import dataclass

from flask import Response
from flask_smorest import Blueprint
from PIL import Image, ImageDraw

from niteru.engine import Pixels
from niteru.indexer.ask.lookalike import Question, Row, ask
from niteru.indexer.gallery import GalleryReader
from niteru.serve.http.api import problems, query
from niteru.serve.http.context import opened
from niteru.serve.http.parameters import Parameters
from niteru.serve.http.probe import Probe, from_gallery
from niteru.serve.http.problems import MissingImage
from niteru.serve.http.schemas import CardSchema
from niteru.serve.pictures.drawing import ACCENT, INK, LINE, MARGIN, PAPER, SOFT, WIDTH, paste_face, write_line
from niteru.serve.pictures.rarity import rarity_in_words

blueprint = Blueprint("card", __name__, description="A picture to share.")

ROW, LARGE, FACE = 260, 400, 220


@dataclass(frozen=True, slots=True)
class Line:
    """A look-alike on the card; ``crop`` is uint8 RGB (112, 112, 3), None if the gallery lost it."""

    name: str
    rarity: float
    crop: Pixels | None


@blueprint.get("/card.png")
@query(blueprint, CardSchema)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/png")
@problems(blueprint, 400, 404, 503)
def card(parameters: Parameters) -> Response:
    """A face of the gallery and its look-alikes as one PNG, 1080 pixels wide."""
    if not parameters.image:
        raise MissingImage("ask with ?image=NAME/photo.jpg or ?image=face:123")
    with opened() as gallery:
        probe = from_gallery(gallery, parameters.image)
        found = ask(gallery, Question(probe.vector, probe.person_id, parameters.k, max_rarity=parameters.max_rarity))
        picture = draw_card(*_said(gallery, probe, found.results))
    data = io.BytesIO()
    picture.save(data, "PNG", optimize=True)
    return Response(data.getvalue(), content_type="image/png")


def _said(gallery: GalleryReader, probe: Probe, rows: list[Row]) -> tuple[str, Pixels | None, list[Line]]:
    lines = [Line(row.person, row.rarity, gallery.crop(row.hits[0].face.id)) for row in rows]
    return probe.person or "", gallery.crop(probe.face["id"]), lines


def draw_card(name: str, crop: Pixels | None, lines: list[Line]) -> Image.Image:
    """The card: the face large, its look-alikes beneath it."""
    top = MARGIN + LARGE + 190
    height = top + max(len(lines), 1) * ROW + MARGIN
    picture = Image.new("RGB", (WIDTH, height), PAPER)
    pen = ImageDraw.Draw(picture)
    paste_face(picture, crop, ((WIDTH - LARGE) // 2, MARGIN), LARGE)
    write_line(pen, (WIDTH // 2, MARGIN + LARGE + 30), name, 56, INK, bold=True, centred=True)
    heading = "looks like" if lines else "looks like nobody here"
    write_line(pen, (WIDTH // 2, MARGIN + LARGE + 110), heading, 40, ACCENT, centred=True)
    for number, line in enumerate(lines):
        y = top + number * ROW
        pen.line([(MARGIN, y - 20), (WIDTH - MARGIN, y - 20)], LINE, 2)
        paste_face(picture, line.crop, (MARGIN, y), FACE)
        write_line(pen, (MARGIN + FACE + 50, y + 50), line.name, 52, INK, bold=True)
        write_line(pen, (MARGIN + FACE + 50, y + 125), rarity_in_words(line.rarity), 38, SOFT)
    write_line(pen, (WIDTH // 2, height - 50), "niteru", 28, SOFT, centred=True)
    return picture
