"""Card of a face and up to three who look like it."""

from __future__ import annotations

from PIL import Image

from niteru.indexer.ask.rarity_in_words import WORDS, Language
from niteru.serve.pictures.card import GAP, MARGIN, Card, Format, Likeness, Sheet, Shown
from niteru.serve.pictures.drawing import ACCENT, INK, SOFT
from niteru.serve.pictures.frame import frame
from niteru.serve.pictures.lines import Block, fitted
from niteru.serve.pictures.words import called, say

MOST = 3
_ASKED: dict[Format, int] = {"square": 300, "portrait": 500, "story": 560}
_FOUND: dict[Format, int] = {"square": 270, "portrait": 372, "story": 400}
"""Heights of the frames; the first grows by a third where there is room."""
_APART, _BELOW, _LINES = 32, 14, 2
"""Pixels between the two rows, beneath a frame, and between texts."""


def draw_top(card: Card, format: Format, language: Language) -> Image.Image:
    """Draw somebody large, and their look-alikes in a row beneath."""
    sheet = Sheet(format, language)
    column = (sheet.room - (MOST - 1) * GAP) // MOST
    texts = [_texts(sheet, shown, likeness, column) for shown, likeness in card.found[:MOST]]
    high = _ASKED[format] + _spare(sheet, texts)
    _draw_asked(sheet, card, high)
    top = sheet.top + high + _APART
    for place, ((shown, _), blocks) in enumerate(zip(card.found, texts, strict=False)):
        left, y = MARGIN + place * (column + GAP), top + _FOUND[format] + _BELOW
        frame(sheet.picture, shown.face, (left, top, column, _FOUND[format]))
        for block in blocks:
            block.write(sheet.pen, left, y, column)
            y += block.height + _LINES
    return sheet.picture


def _spare(sheet: Sheet, texts: list[list[Block]]) -> int:
    """Pixels that the first frame may grow by."""
    written = max((sum(block.height + _LINES for block in blocks) for blocks in texts), default=0)
    least = _ASKED[sheet.format]
    free = sheet.bottom - sheet.top - least - _APART - _FOUND[sheet.format] - _BELOW - written - _APART
    return max(0, min(free, least // 3))


def _draw_asked(sheet: Sheet, card: Card, high: int) -> None:
    wide = round(high * 0.84)
    frame(sheet.picture, card.asked.face, (MARGIN, sheet.top, wide, high))
    left = MARGIN + wide + 44
    blocks = _heading(sheet, card, sheet.room - wide - 44)
    y = sheet.top + (high - sum(block.height for block in blocks)) / 2
    for block in blocks:
        block.write(sheet.pen, left, y, sheet.room)
        y += block.height


def _heading(sheet: Sheet, card: Card, room: int) -> list[Block]:
    words = WORDS[sheet.language]
    name = called(card.asked.name, sheet.language)
    if card.nobody_alike:
        said = words.nobody_alike
    elif name:
        said = words.looks_like if card.found else words.nobody
    else:
        said = say("looksLike" if card.found else "nobody", sheet.language)
    if not name:
        return [fitted(said, sheet.style(52 if card.nobody_alike else 80, INK, bold=True), room, 4, 40)]
    large = sheet.style(68, INK, bold=True)
    return [fitted(name, large, room, 3, 34), fitted(said, sheet.style(44, ACCENT), room, 3, 32)]


def _texts(sheet: Sheet, shown: Shown, likeness: Likeness, wide: int) -> list[Block]:
    """What stands beneath a look-alike."""
    language = sheet.language
    return [
        fitted(called(shown.name, language), sheet.style(36, INK, bold=True), wide, 2, 26),
        fitted(likeness.degree(language), sheet.style(30, ACCENT), wide, 2, 26),
        fitted(likeness.frequency(language), sheet.style(28, SOFT), wide, 2, 28),
        fitted(likeness.sureness(language), sheet.style(28, SOFT), wide, 1, 24),
    ]
