"""Card of a face and up to three who look like it."""

from __future__ import annotations

from PIL import Image

from niteru.indexer.ask.rarity_in_words import WORDS, Language
from niteru.serve.pictures.card import GAP, MARGIN, Card, Format, Likeness, Sheet, Shown
from niteru.serve.pictures.drawing import ACCENT, INK, SOFT
from niteru.serve.pictures.frame import frame
from niteru.serve.pictures.lines import Block, fitted
from niteru.serve.pictures.words import CARD_WORDS, called

MOST = 3
_ASKED: dict[Format, int] = {"square": 300, "portrait": 500, "story": 560}
_FOUND: dict[Format, int] = {"square": 270, "portrait": 372, "story": 400}
"""Heights of the frames."""


def draw_top(card: Card, format: Format, language: Language) -> Image.Image:
    """Draw somebody large, and their look-alikes in a row beneath."""
    sheet, high = Sheet(format, language), _ASKED[format]
    wide = round(high * 0.84)
    frame(sheet.picture, card.asked.face, (MARGIN, sheet.top, wide, high))
    left = MARGIN + wide + 44
    blocks = _heading(sheet, card, sheet.room - wide - 44)
    y = sheet.top + (high - sum(block.height for block in blocks)) / 2
    for block in blocks:
        block.write(sheet.pen, left, y, sheet.room)
        y += block.height
    column = (sheet.room - (MOST - 1) * GAP) // MOST
    for place, (shown, likeness) in enumerate(card.found[:MOST]):
        _draw_found(sheet, shown, likeness, (MARGIN + place * (column + GAP), sheet.top + high + 32), column)
    return sheet.picture


def _heading(sheet: Sheet, card: Card, room: int) -> list[Block]:
    words, own = WORDS[sheet.language], CARD_WORDS[sheet.language]
    name = called(card.asked.name, sheet.language)
    if card.nobody_alike:
        said = words.nobody_alike
    elif name:
        said = words.looks_like if card.found else words.nobody
    else:
        said = own.looks_like if card.found else own.nobody
    if not name:
        return [fitted(said, sheet.style(52 if card.nobody_alike else 80, INK, bold=True), room, 4, 40)]
    large = sheet.style(68, INK, bold=True)
    return [fitted(name, large, room, 3, 34), fitted(said, sheet.style(44, ACCENT), room, 3, 32)]


def _draw_found(sheet: Sheet, shown: Shown, likeness: Likeness, place: tuple[int, int], wide: int) -> None:
    (left, y), high, language = place, _FOUND[sheet.format], sheet.language
    frame(sheet.picture, shown.face, (left, y, wide, high))
    y += high + 14
    for block in (
        fitted(called(shown.name, language), sheet.style(36, INK, bold=True), wide, 2, 26),
        fitted(likeness.degree(language), sheet.style(30, ACCENT), wide, 2, 26),
        fitted(likeness.frequency(language), sheet.style(28, SOFT), wide, 2, 28),
        fitted(likeness.sureness(language), sheet.style(28, SOFT), wide, 1, 24),
    ):
        block.write(sheet.pen, left, y, wide)
        y += block.height + 2
