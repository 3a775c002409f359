"""Card to keep or share: a face and its look-alikes, with their names and how rare the resemblance is."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw

from niteru.engine import Pixels
from niteru.indexer.ask.rarity_in_words import rarity_in_words
from niteru.serve.pictures.drawing import ACCENT, INK, LINE, MARGIN, PAPER, SOFT, WIDTH, paste_face, write_line

ROW, LARGE, FACE = 260, 400, 220


@dataclass(frozen=True, slots=True)
class Line:
    """Look-alike on the card; ``crop`` is uint8 RGB (112, 112, 3), or None if the gallery has lost it."""

    name: str
    rarity: float
    crop: Pixels | None


def draw_card(name: str, crop: Pixels | None, lines: list[Line]) -> Image.Image:
    """Draw the card: the face large, its look-alikes beneath it."""
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
