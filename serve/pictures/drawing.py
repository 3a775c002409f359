"""Elements of the pictures to share: their colours, and faces with round corners."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

from niteru.engine import Pixels

PAPER, INK, SOFT, ACCENT, LINE = "#faf8f6", "#211c22", "#6a6069", "#8a2f63", "#e5dfdf"
"""The light colours of static/design.css."""


def paste_face(picture: Image.Image, crop: Pixels | None, place: tuple[int, int], side: int) -> None:
    """Paste a face (uint8 RGB, 112×112) with round corners, ``side`` pixels wide; a grey square if it is None."""
    shown = np.full((112, 112, 3), 228, np.uint8) if crop is None else crop
    large = Image.fromarray(cv2.resize(shown, (side, side), interpolation=cv2.INTER_CUBIC))
    mask = Image.new("L", (side * 2, side * 2), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, side * 2 - 1, side * 2 - 1), side // 5, 255)
    picture.paste(large, place, mask.resize((side, side), Image.Resampling.LANCZOS))
