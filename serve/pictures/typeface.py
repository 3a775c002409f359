"""Fonts for names of every script: ours and the system's, and no boxes for letters that none of them has."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from pathlib import Path

from PIL import ImageFont

_OURS = Path(__file__).parent / "fonts"
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
SUFFIXES = frozenset({".ttf", ".otf", ".ttc"})
Font = ImageFont.FreeTypeFont


def font_for(text: str, size: int, *, bold: bool = False) -> tuple[Font, str]:
    """Choose the font that has the most letters of a text, and drop the letters that it lacks.

    Args:
        text: one line.
        size: in pixels.
        bold: prefer a bold font where there is one.

    Returns:
        The font, and the text without the letters that it lacks.
    """
    files = (_OURS / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"), *_wide_fonts())
    best = max(files, key=lambda file: sum(_has(file, letter) for letter in set(text)))
    shown = "".join(letter for letter in text if _has(best, letter)).strip()
    return ImageFont.truetype(best, size), shown


@functools.cache
def _wide_fonts() -> tuple[Path, ...]:
    """Fonts of the system, and of the extra ``fonts``, that may have letters which ours lack."""
    return tuple(sorted(_found(), key=lambda file: _rank(file.name)))


def _found() -> Iterator[Path]:
    folders = [Path(folder).expanduser() for folder in _SYSTEM]
    try:
        import noto_cjk_sans_jp_regular as extra

        folders += [Path(folder) for folder in extra.__path__]
    except ModuleNotFoundError:
        pass
    for folder in folders:
        for here, _, files in os.walk(folder):
            fonts = [name for name in files if Path(name).suffix.lower() in SUFFIXES]
            yield from (Path(here, name) for name in fonts if _rank(name) >= 0)


def _rank(name: str) -> int:
    plain = name.lower().replace("-", "").replace(" ", "").replace("_", "")
    return next((rank for rank, start in enumerate(_WIDE) if plain.startswith(start)), -1)


@functools.lru_cache(4096)
def _has(file: Path, letter: str) -> bool:
    return letter.isspace() or _drawn(file, letter) != _drawn(file, _NOTHING)


@functools.lru_cache(4096)
def _drawn(file: Path, letter: str) -> bytes:
    try:
        return bytes(ImageFont.truetype(file, 24).getmask(letter))
    except OSError:
        return b""
