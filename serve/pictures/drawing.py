"""Elements of the pictures to share: colours, sizes, faces and lines of text in every script."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

from niteru.engine import Pixels
from niteru.serve.pictures.typeface import font_for

WIDTH, MARGIN = 1080, 60
ASCENT = 0.93
"""Height of the tallest letters above the baseline, as a share of the size, in the font that comes along."""
PAPER, INK, SOFT, ACCENT, LINE = "#fbf9fc", "#1f1b24", "#6b6375", "#8a2f63", "#e4dfe9"


def paste_face(picture: Image.Image, crop: Pixels | None, place: tuple[int, int], side: int) -> None:
    """Paste a face (uint8 RGB, 112×112) with round corners, ``side`` pixels wide; a grey square if it is None."""
    shown = np.full((112, 112, 3), 228, np.uint8) if crop is None else crop
    large = Image.fromarray(cv2.resize(shown, (side, side), interpolation=cv2.INTER_CUBIC))
    mask = Image.new("L", (side * 2, side * 2), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, side * 2 - 1, side * 2 - 1), side // 5, 255)
    picture.paste(large, place, mask.resize((side, side), Image.Resampling.LANCZOS))


def write_line(
    pen: ImageDraw.ImageDraw,
    place: tuple[int, int],
    text: str,
    size: int,
    colour: str,
    *,
    bold: bool = False,
    centred: bool = False,
) -> None:
    """Write one line of text, in a smaller size where it would not fit."""
    room = WIDTH - 2 * MARGIN if centred else WIDTH - MARGIN - place[0]
    font, shown = font_for(text, size, bold=bold)
    width = font.getlength(shown)
    if width > room:
        font, shown = font_for(text, max(16, int(size * room / width)), bold=bold)
    # Fonts of different scripts leave different room above their letters: the baseline is the same for all.
    baseline = (place[0], place[1] + round(ASCENT * size))
    pen.text(baseline, shown, colour, font, anchor="ms" if centred else "ls")


def wrapped(text: str, size: int, room: int, most: int, *, bold: bool = False) -> list[str]:
    """Break a text into lines that fit: at blanks and hyphens, and within words that are too long.

    Args:
        text: of any script.
        size: of the letters, in pixels.
        room: width of a line, in pixels.
        most: lines; a longer text ends with an ellipsis.
        bold: as it will be written.
    """
    font, text = font_for(text, size, bold=bold)
    lines: list[str] = []
    while text and len(lines) <= most:
        end = min(len(text), room)  # no letter is narrower than a pixel
        while end > 1 and font.getlength(text[:end]) > room:
            end = max(text.rfind(" ", 0, end), text.rfind("-", 0, end - 1) + 1) or end - 1
        lines.append(text[:end].rstrip())
        text = text[end:].lstrip()
    if len(lines) > most:
        last = lines[most - 1]
        while last and font.getlength(f"{last}…") > room:
            last = last[:-1]
        lines = [*lines[: most - 1], f"{last}…"]
    return lines
