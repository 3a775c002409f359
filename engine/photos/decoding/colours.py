"""Colours of every kind of picture as 8-bit RGB."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from niteru.engine import Pixels
from niteru.engine.photos.decoding.profiles import as_srgb, has_profile

BAND = 256
"""Rows of a large picture that are converted at a time; converted at once, it is in memory three or four times."""
_SMALL = 1_000_000
"""Pixels of a picture that is converted at once."""


def to_rgb(image: Image.Image, divisor: int = 1) -> Pixels:
    """Convert a loaded picture to 8-bit RGB, and divide its sides.

    Transparent pictures are laid over white; a colour profile is followed.

    Args:
        image: the picture, in any mode.
        divisor: of both sides, 1, 2, 4…; each pixel is the mean of a square of them.

    Returns:
        uint8 array of shape ``(ceil(height / divisor), ceil(width / divisor), 3)``.
    """
    if image.mode.startswith(("I", "F")):
        return deep_to_rgb(np.asarray(image), divisor)
    if image.format == "BMP" and image.mode == "RGBA" and image.getchannel("A").getextrema() == (0, 0):
        image.putalpha(255)  # some programs leave the fourth byte empty and mean no alpha
    pixels = _empty(image.height, image.width, divisor)
    for y, part in _bands(image):
        band = _band_to_rgb(image, part)
        rows = np.asarray(band if divisor == 1 else band.reduce(divisor))
        pixels[y // divisor : y // divisor + len(rows)] = rows
    return pixels


def _bands(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """A picture in parts to be converted, each with its first row: a small one as a whole, as cropping copies it."""
    if image.width * image.height <= _SMALL:
        yield 0, image
        return
    for y in range(0, image.height, BAND):
        yield y, image.crop((0, y, image.width, min(y + BAND, image.height)))


def deep_to_rgb(samples: NDArray[np.generic], divisor: int = 1) -> Pixels:
    """Convert samples of more than eight bits, or fractions, by the range of values that the picture uses.

    Twelve bits are stored in sixteen, and fractions reach 1 or 255: nothing else in the file says what white is.

    Args:
        samples: grey, shape ``(height, width)``, or RGB, ``(height, width, 3)``, of any type of numbers.
        divisor: of both sides, 1, 2, 4….
    """
    convert = _Conversion(samples)
    pixels = _empty(samples.shape[0], samples.shape[1], divisor)
    for y in range(0, len(samples), BAND):
        part = Image.fromarray(convert(samples[y : y + BAND])).convert("RGB")
        pixels[y // divisor : (y + BAND) // divisor] = np.asarray(part if divisor == 1 else part.reduce(divisor))
    return pixels


class _Conversion:
    """From the samples of a picture to eight bits, by the range that they use.

    Samples of two bytes, of any type and in either order, are looked up by their bits: there are only 65,536 of them.
    """

    def __init__(self, samples: NDArray[np.generic]) -> None:
        self._low, self._high = 0.0, 1e-12
        for y in range(0, len(samples), BAND):
            self._widen(samples[y : y + BAND])
        self._table: NDArray[np.uint8] | None = None
        if samples.dtype.itemsize == 2:
            self._table = self._scaled(np.arange(65_536, dtype=np.uint16).view(samples.dtype))

    def __call__(self, band: NDArray[np.generic]) -> NDArray[np.uint8]:
        return self._scaled(band) if self._table is None else self._table[band.view(np.uint16)]

    def _widen(self, band: NDArray[Any]) -> None:
        if band.dtype.kind not in "ui":
            band = band.astype(np.float32)
            band = band[np.isfinite(band)]
        if band.size:
            self._low, self._high = min(self._low, float(band.min())), max(self._high, float(band.max()))

    def _scaled(self, band: NDArray[np.generic]) -> NDArray[np.uint8]:
        with np.errstate(all="ignore"):  # the table has every pattern of bits, those that are no numbers, too
            scaled = (band.astype(np.float32) - np.float32(self._low)) * np.float32(255.0 / (self._high - self._low))
        return np.asarray(np.nan_to_num(scaled, nan=0.0, posinf=255.0, neginf=0.0).clip(0, 255), np.uint8)


def _empty(height: int, width: int, divisor: int) -> Pixels:
    return np.empty((math.ceil(height / divisor), math.ceil(width / divisor), 3), np.uint8)


def _band_to_rgb(image: Image.Image, band: Image.Image) -> Image.Image:
    """Convert a part of a picture."""
    if image.mode in ("CMYK", "L", "LAB") and has_profile(image) and "transparency" not in image.info:
        return as_srgb(band, image)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        layer = band.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        band = Image.alpha_composite(paper, layer)
    if band.mode != "RGB":
        band = band.convert("RGB")
    band.info = image.info
    return as_srgb(band, band)
