"""Sheet of portraits on pages of A4: faces with names, how alike they are to somebody, and what tables say of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from niteru.indexer.ask.lookalike import LookAlike
from niteru.indexer.ask.rarity_in_words import WORDS, Language, grade_in_words, surely_in_words
from niteru.indexer.ask.shortlist import Picked, Shortlist
from niteru.serve.pictures.drawing import ACCENT, INK, LINE, SOFT, paste_face
from niteru.serve.pictures.lines import Block, Style, wrapped, write_line
from niteru.serve.shortlist.words import SHEET_WORDS

DOTS = 200
"""Of an inch."""
WIDTH, HEIGHT = 1654, 2339
"""Pixels of a page of A4."""
MARGIN, GAP = 118, 40
ACROSS = 4
FACE = (WIDTH - 2 * MARGIN - (ACROSS - 1) * GAP) // ACROSS
TITLE, NAME, TEXT, FOOT = 56, 34, 26, 24
HEAD, FEET = 160, 90
"""Heights of what stands above and below the people of a page."""
_MOST_LINES = 6
"""Of a name, or of a column's values."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """A person on the sheet."""

    person: Picked
    texts: list[Block]

    @property
    def height(self) -> int:
        return FACE + 14 + sum(text.height for text in self.texts) + GAP


def pages_of(made: Shortlist, language: Language = "en") -> list[Image.Image]:
    """Draw the sheet as pages of A4, with as many rows of people on each as fit."""
    room = HEIGHT - 2 * MARGIN - HEAD - FEET
    pages: list[list[Sequence[_Cell]]] = [[]]
    left = room
    for row in _rows(made, language):
        height = _height(row)
        if height > left and pages[-1]:
            pages.append([])
            left = room
        pages[-1].append(row)
        left -= height
    return [_drawn(made, rows, (number, len(pages)), HEIGHT, language) for number, rows in enumerate(pages, start=1)]


def picture_of(made: Shortlist, language: Language = "en") -> Image.Image:
    """Draw the sheet as one picture, as high as its people need."""
    rows = _rows(made, language)
    height = 2 * MARGIN + HEAD + FEET + sum(map(_height, rows))
    return _drawn(made, rows, (1, 1), height, language)


def _rows(made: Shortlist, language: Language) -> list[Sequence[_Cell]]:
    cells = [_Cell(one, _texts(one, language)) for one in made.people]
    return [cells[start : start + ACROSS] for start in range(0, len(cells), ACROSS)]


def _height(row: Sequence[_Cell]) -> int:
    return max(cell.height for cell in row)


def _texts(one: Picked, language: Language) -> list[Block]:
    """What stands beneath a face, in lines that fit."""
    texts = [(one.person, Style(NAME, INK, bold=True, language=language))]
    if one.likeness is not None:
        texts += [(text, Style(TEXT, ACCENT, language=language)) for text in _alike(one.likeness, language)]
    said = Style(TEXT, SOFT, language=language)
    texts += [(f"{name}: {', '.join(values)}", said) for name, values in one.columns.items()]
    return [Block(wrapped(text, style, FACE, _MOST_LINES), style) for text, style in texts]


def _alike(row: LookAlike, language: Language) -> tuple[str, str]:
    said = WORDS[language].same_person if row.same_person else grade_in_words(row.rarity, language)
    return said, surely_in_words(row.rarity, row.likely, language)


def _drawn(
    made: Shortlist, rows: Sequence[Sequence[_Cell]], place: tuple[int, int], height: int, language: Language
) -> Image.Image:
    page = Image.new("RGB", (WIDTH, height), "white")
    pen = ImageDraw.Draw(page)
    _draw_head(page, pen, made, language)
    y = MARGIN + HEAD
    for row in rows:
        for column, cell in enumerate(row):
            _draw_cell(page, pen, cell, (MARGIN + column * (FACE + GAP), y))
        y += _height(row)
    _draw_foot(pen, made, place, height, language)
    return page


def _draw_head(page: Image.Image, pen: ImageDraw.ImageDraw, made: Shortlist, language: Language) -> None:
    words, left = SHEET_WORDS[language], MARGIN
    if made.picked_for is not None:
        side = HEAD - GAP
        paste_face(page, made.picked_for.crop, (WIDTH - MARGIN - side, MARGIN), side)
        whom = words.picked_for.format(name=made.picked_for.person or words.somebody)
        room = WIDTH - 2 * MARGIN - side - GAP
        style = Style(TEXT, SOFT, language=language)
        Block(wrapped(whom, style, room, 1), style).write(pen, left, MARGIN + 74, room)
    write_line(pen, (left, MARGIN + TITLE), words.title, Style(TITLE, INK, bold=True, language=language))


def _draw_cell(page: Image.Image, pen: ImageDraw.ImageDraw, cell: _Cell, place: tuple[int, int]) -> None:
    left, y = place
    paste_face(page, cell.person.crop, place, FACE)
    y += FACE + 14
    for text in cell.texts:
        text.write(pen, left, y, FACE)
        y += text.height


def _draw_foot(
    pen: ImageDraw.ImageDraw, made: Shortlist, place: tuple[int, int], height: int, language: Language
) -> None:
    words, y = SHEET_WORDS[language], height - MARGIN - FOOT
    pen.line([(MARGIN, y - 20), (WIDTH - MARGIN, y - 20)], LINE, 2)
    number, pages = place
    counted = words.page.format(number=number, pages=pages) if pages > 1 else ""
    style = Style(FOOT, SOFT, language=language)
    write_line(pen, (WIDTH - MARGIN, y + FOOT), counted, style, "r")
    where = words.gallery.format(name=made.gallery, day=made.day.isoformat())
    room = WIDTH - 2 * MARGIN - round(style.width(counted)) - GAP
    Block(wrapped(where, style, room, 1), style).write(pen, MARGIN, y, room)
