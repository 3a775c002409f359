"""Lines of text in every script: written on one baseline, broken where they may be, and made smaller to fit."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, replace

from PIL import ImageDraw

from niteru.indexer.ask.rarity_in_words import Language
from niteru.serve.pictures.typeface import Run, legible, runs

_NOT_FIRST = frozenset("、。，．：；！？）」』】〕々ー…・,.!?:;)")
"""Letters that no line begins with."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is written: the size of its letters in pixels, their colour, bold or not, and in which language."""

    size: int
    colour: str
    bold: bool = False
    language: Language = "en"

    def runs(self, text: str) -> list[Run]:
        """Pieces of a line in this style."""
        return runs(text, self.size, bold=self.bold, language=self.language)

    def width(self, text: str) -> float:
        """Pixels that a line takes."""
        return sum(run.width for run in self.runs(text))

    @property
    def leading(self) -> int:
        """Pixels from one baseline to the next."""
        return round(self.size * 1.28)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of text that fit, and their style."""

    lines: list[str]
    style: Style

    @property
    def height(self) -> int:
        """Pixels from the top of the first line to the foot of the last."""
        return self.style.leading * len(self.lines)

    def write(self, pen: ImageDraw.ImageDraw, left: float, top: float, room: int, *, centred: bool = False) -> None:
        """Write the lines one below the other, from a left edge, or in the middle of a room."""
        baseline = top + self.style.size
        for line in self.lines:
            write_line(pen, (left + room / 2 if centred else left, baseline), line, self.style, "m" if centred else "l")
            baseline += self.style.leading


def write_line(
    pen: ImageDraw.ImageDraw, place: tuple[float, float], text: str, style: Style, anchor: str = "l"
) -> None:
    """Write one line at a place of its baseline, which is the same for the fonts of all scripts.

    Args:
        pen: of the picture.
        place: point on the baseline.
        text: one line.
        style: of its letters.
        anchor: what the point is: the line's left end ``l``, its middle ``m``, or its right end ``r``.
    """
    pieces = style.runs(text)
    x, y = place
    x -= {"l": 0.0, "m": 0.5, "r": 1.0}[anchor] * sum(run.width for run in pieces)
    for run in pieces:
        run.write(pen, (x, y), style.colour)
        x += run.width


def wrapped(text: str, style: Style, room: int, most: int) -> list[str]:
    """Break a text into lines that fit: at blanks and hyphens, and within words that are too long.

    Args:
        text: of any script.
        style: as it will be written.
        room: width of a line, in pixels.
        most: lines; a longer text ends with an ellipsis.
    """
    text = legible(text, bold=style.bold)
    lines: list[str] = []
    while text:
        end = _end_of_line(text, style, room)
        if end < len(text) and len(lines) == most - 1:
            return [*lines, _cut(text, style, room)]
        lines.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return lines


def fitted(text: str, style: Style, room: int, most: int, least: int) -> Block:
    """Break a text into lines of even lengths, in the largest size in which it fits.

    Args:
        text: of any script.
        style: with the largest size.
        room: width of a line, in pixels.
        most: lines.
        least: smallest size; a text that is too long even so ends with an ellipsis.
    """
    for size in range(style.size, least, -4):
        tried = replace(style, size=size)
        if len(wrapped(text, tried, room, most + 1)) <= most and not _broken_word(text, tried, room):
            return Block(_even(text, tried, room, most), tried)
    smallest = replace(style, size=least)
    return Block(_even(text, smallest, room, most), smallest)


def _cut(text: str, style: Style, room: int) -> str:
    """As much of a text as fits before an ellipsis."""
    return f"{text[: _fitting(text, style, room - style.width('…'))].rstrip()}…"


def _fitting(text: str, style: Style, room: float) -> int:
    """Number of the first letters of a text that fit."""
    most = min(len(text), max(int(room), 0))  # no letter is narrower than a pixel
    return bisect.bisect_right(range(1, most + 1), room, key=lambda count: style.width(text[:count]))


def _end_of_line(text: str, style: Style, room: int) -> int:
    """Number of letters on the first line: up to a blank or hyphen that is not too far back, or as many as fit."""
    end = max(_fitting(text, style, room), 1)
    if end == len(text):
        return end
    best = next((place for place in range(end, end // 3, -1) if _may_break(text, place)), end)
    while 1 < best < len(text) and text[best] in _NOT_FIRST:
        best -= 1
    return best


def _may_break(text: str, place: int) -> bool:
    """Whether a line may end before a letter; a number stays with the letter that counts, as in 2 組."""
    before, after = text[place - 1], text[place]
    if after == " ":
        return not (before.isdigit() and text[place + 1 : place + 2] > "\u2e80")
    return before == "-"


def _broken_word(text: str, style: Style, room: int) -> bool:
    """Whether a word would be broken that letters of a smaller size might keep whole."""
    return any(word.isascii() and style.width(word) > room for word in text.replace("-", "- ").split())


def _even(text: str, style: Style, room: int, most: int) -> list[str]:
    """Lines of as many as are needed, none much shorter than the others."""
    best = wrapped(text, style, room, most)
    if len(best) < 2 or best[-1].endswith("…"):
        return best
    low, high = room // 2, room
    while high - low > 8:
        middle = (low + high) // 2
        tried = wrapped(text, style, middle, most + 1)
        if len(tried) == len(best) and sum(map(len, tried)) == sum(map(len, best)):  # still broken at blanks
            best, high = tried, middle
        else:
            low = middle
    return best
