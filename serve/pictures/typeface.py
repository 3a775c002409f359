"""Fonts for names of every script: ours and the system's, and no boxes for letters that none of them has.

A line of text is cut into runs, each in the first font that has its letters. Where Pillow comes with raqm (its wheels
for Linux and macOS do), letters are shaped: Arabic is joined, Devanagari and Thai put their marks in place, Hebrew runs
from right to left, and a Chinese character has the form that readers of the card's language know. Without raqm the same
letters stand one by one, from left to right, in their Japanese form.
"""

from __future__ import annotations

import functools
import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import ImageDraw, ImageFont, features

from niteru.indexer.ask.rarity_in_words import Language

_OURS = Path(__file__).parent / "fonts"
_PLAIN, _BOLD = _OURS / "NotoSans-Regular.ttf", _OURS / "NotoSans-Bold.ttf"
CJK, _EMOJI, _REST = (
    _OURS / name for name in ("NotoSansCJK-Regular-subset.otf", "NotoEmoji-Regular.ttf", "DejaVuSans.ttf")
)
_SYSTEM = (
    *("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts", "C:/Windows/Fonts"),
    *("~/.fonts", "~/.local/share/fonts", "~/Library/Fonts"),
)
_WIDE = (
    *("notosanscjk", "notosansjp", "notosanstc", "sourcehansans", "hiragino", "pingfang", "yugoth", "msgothic", "msjh"),
    *("meiryo", "ipag", "takao", "wqy", "droidsansfallback", "unifont", "arialunicode", "notosans"),
)
"""Beginnings of the file names of fonts that cover many scripts, in order of preference."""
_NOTHING = "\U0010fffe"
"""Code point that is no character: a font draws the same shape for it as for every letter that it lacks."""
_SUFFIXES = frozenset({".ttf", ".otf", ".ttc"})
_STROKE = 1 / 45
"""Width that a stroke of a bold letter gains, by its size, in fonts that have no bold."""
SHAPES = bool(features.check("raqm"))
"""Whether letters are joined and ordered as their scripts want it."""


@dataclass(frozen=True, slots=True)
class Run:
    """Piece of a line in one font.

    Attributes:
        text: letters that the font has.
        font: at its size.
        stroke: pixels that each stroke gains, for bold letters of a font without bold.
        language: whose forms of the letters are wanted.
    """

    text: str
    font: ImageFont.FreeTypeFont
    stroke: float
    language: Language

    @property
    def width(self) -> float:
        """Pixels that it takes."""
        return self.font.getlength(self.text, language=self.language if SHAPES else None)

    def write(self, pen: ImageDraw.ImageDraw, place: tuple[float, float], colour: str) -> None:
        """Write it from the left end of its baseline."""
        pen.text(
            place,
            self.text,
            colour,
            self.font,
            anchor="ls",
            stroke_width=self.stroke,
            language=self.language if SHAPES else None,
        )


def runs(text: str, size: int, *, bold: bool = False, language: Language = "en") -> list[Run]:
    """Cut a line of text into runs from left to right; letters that no font has are left out.

    Args:
        text: one line, of any scripts.
        size: of the letters, in pixels.
        bold: whether they are bold.
        language: chooses among regional forms of Chinese characters.
    """
    pieces = _pieces(text, bold)
    made = [
        Run(piece, _font(file, size), size * _STROKE if bold and file not in (_BOLD, _EMOJI) else 0, language)
        for file, piece in pieces
    ]
    return made[::-1] if is_right_to_left(text) else made


def legible(text: str, *, bold: bool = False) -> str:
    r"""Line of text without the letters that no font has, and with single blanks.

    Example:
        >>> legible("Ada \ue000 山田")
        'Ada 山田'
    """
    return " ".join("".join(piece for _, piece in _pieces(text, bold)).split())


def is_right_to_left(text: str) -> bool:
    """Whether a line begins at its right end, as its first letter with a direction says.

    Example:
        >>> is_right_to_left("محمد"), is_right_to_left("Ada محمد")
        (True, False)
    """
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind in ("R", "AL") for kind in kinds if kind in ("L", "R", "AL")), False)


def _pieces(text: str, bold: bool) -> list[tuple[Path, str]]:
    """Pieces of a line in the order in which they are read, each with the font that has its letters."""
    pieces: list[tuple[Path, str]] = []
    for letter in " ".join(text.split()):
        file = _file_for(letter, pieces[-1][0] if pieces else None, bold)
        if file is None:
            continue
        if pieces and pieces[-1][0] == file:
            pieces[-1] = file, pieces[-1][1] + letter
        else:
            pieces.append((file, letter))
    return pieces


def _file_for(letter: str, before: Path | None, bold: bool) -> Path | None:
    """First font with a letter; marks and blanks stay with the letter before them, which shaping may join them to."""
    kind = unicodedata.category(letter)
    if kind == "Cf" and not SHAPES:  # says how to shape, and is no letter itself
        return None
    if before is not None and (kind[0] in "MZ" or kind == "Cf"):
        return before if kind in ("Cf", "Zs") or _has(before, letter) else None
    return next((file for file in _files(bold) if _has(file, letter)), None)


@functools.cache
def _files(bold: bool) -> tuple[Path, ...]:
    ours = (_BOLD if bold else _PLAIN, CJK, *sorted(_OURS.glob("NotoSans[A-Z]*.ttf")), _EMOJI, _REST)
    return (*ours, *sorted(_found(), key=lambda file: _rank(file.name)))


def _found() -> Iterator[Path]:
    """Fonts of the system that may have letters which ours lack."""
    for folder in _SYSTEM:
        for here, _, files in os.walk(Path(folder).expanduser()):
            fonts = [name for name in files if Path(name).suffix.lower() in _SUFFIXES]
            yield from (Path(here, name) for name in fonts if _rank(name) >= 0)


def _rank(name: str) -> int:
    plain = name.lower().replace("-", "").replace(" ", "").replace("_", "")
    return next((rank for rank, start in enumerate(_WIDE) if plain.startswith(start)), -1)


@functools.lru_cache(64)
def _font(file: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(file, size)


@functools.lru_cache(8192)
def _has(file: Path, letter: str) -> bool:
    return letter.isspace() or _drawn(file, letter) not in (b"", _drawn(file, _NOTHING))


@functools.lru_cache(8192)
def _drawn(file: Path, letter: str) -> bytes:
    try:
        return bytes(_font(file, 24).getmask(letter))
    except OSError:
        return b""
