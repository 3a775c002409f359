"""Card to keep or share: a face and its look-alikes, with their names and how rare the resemblance is."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw

from niteru.engine import Pixels
from niteru.indexer.ask.how_sure import Interval
from niteru.indexer.ask.rarity_in_words import WORDS, Language, grade_in_words, surely_in_words
from niteru.serve.pictures.drawing import ACCENT, INK, LINE, MARGIN, PAPER, SOFT, WIDTH, paste_face, write_line

ROW, LARGE, FACE = 260, 400, 220


@dataclass(frozen=True, slots=True)
class Line:
    """Look-alike on the card; ``crop`` is uint8 RGB (112, 112, 3), or None if the gallery has lost it."""

    name: str
    rarity: float
    likely: Interval
    same_person: bool
    crop: Pixels | None


@dataclass(frozen=True, slots=True)
class Card:
    """What a card shows: a name, a face like those of its lines, and whether even the first of these is common."""

    name: str
    crop: Pixels | None
    nobody_alike: bool
    lines: list[Line]


def draw_card(card: Card, language: Language = "en") -> Image.Image:
    """Draw the card: the face large, its look-alikes beneath it."""
    lines, words = card.lines, WORDS[language]
    top = MARGIN + LARGE + 190
    height = top + max(len(lines), 1) * ROW + MARGIN
    picture = Image.new("RGB", (WIDTH, height), PAPER)
    pen = ImageDraw.Draw(picture)
    paste_face(picture, card.crop, ((WIDTH - LARGE) // 2, MARGIN), LARGE)
    write_line(pen, (WIDTH // 2, MARGIN + LARGE + 30), card.name, 56, INK, bold=True, centred=True)
    heading = words.nobody if not lines else words.nobody_alike if card.nobody_alike else words.looks_like
    write_line(pen, (WIDTH // 2, MARGIN + LARGE + 110), heading, 40, ACCENT, centred=True)
    for number, line in enumerate(lines):
        y = top + number * ROW
        pen.line([(MARGIN, y - 20), (WIDTH - MARGIN, y - 20)], LINE, 2)
        paste_face(picture, line.crop, (MARGIN, y), FACE)
        left, said = (
            MARGIN + FACE + 50,
            words.same_person if line.same_person else grade_in_words(line.rarity, language),
        )
        write_line(pen, (left, y + 20), line.name, 52, INK, bold=True)
        write_line(pen, (left, y + 95), said, 38, ACCENT)
        write_line(pen, (left, y + 150), surely_in_words(line.rarity, line.likely, language), 38, SOFT)
    write_line(pen, (WIDTH // 2, height - 50), "niteru", 28, SOFT, centred=True)
    return picture
