"""Orientation: how a picture was held, and how it is turned upright."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import numpy as np
from PIL import ExifTags, Image

from niteru.engine import Pixels


def orientation_of(image: Image.Image) -> int:
    """EXIF orientation, 1 to 8; 1 if there is none that can be read."""
    # The pixels can be fine although the EXIF block is damaged.
    with contextlib.suppress(Exception):
        # The class's own method of a PNG reads all pixels first, for EXIF behind them.
        orientation = Image.Image.getexif(image).get(ExifTags.Base.Orientation)
        return orientation if orientation in _UPRIGHT else 1
    return 1


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """Turn pixels, (height, width, 3), upright by their EXIF orientation."""
    return np.ascontiguousarray(_UPRIGHT[orientation](pixels))


_UPRIGHT: dict[int, Callable[[Pixels], Pixels]] = {
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: pixels[::-1].swapaxes(0, 1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: pixels[:, ::-1].swapaxes(0, 1),
}
"""How to turn the pixels upright, by EXIF orientation."""
