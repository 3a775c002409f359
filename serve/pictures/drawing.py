"""Elements of the pictures to share: colours, sizes, faces and lines of text in every script."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

from niteru.engine import Pixels
from niteru.serve.pictures.typeface import font_for

WIDTH, MARGIN = 1080, 60
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
    pen.text(place, shown, colour, font, anchor="ma" if centred else "la")
