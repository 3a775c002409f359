"""Limits of what is decoded: far above what cameras, scanners and programs make, and checked before work is done."""

from __future__ import annotations

import math

from niteru.engine.photos.photo_error import TooComplex, TooFewPixels, TooManyPixels

MAX_BYTES = 30 * 1024 * 1024
MAX_PIXELS = 25_000_000
"""Pixels of a decoded picture: a larger one is halved until it has no more."""
_WHOLE = 50_000_000
MAX_STORED_PIXELS = {
    "JPEG": 175_000_000,  # halved while it is decoded; Pillow opens none of more than 178 million
    "MPO": 175_000_000,
    **dict.fromkeys(("AVIF", "BMP", "GIF", "HEIF", "PNG", "TIFF"), _WHOLE),  # in memory as a whole before it is halved
}
"""Pixels of a file by its format; of others, :data:`MAX_PIXELS`."""
MIN_SIDE = 16
MAX_RATIO = 500
"""Of the longer side to the shorter one; panoramas and pictures of whole pages have 50."""


def check_size(width: int, height: int, most: int = _WHOLE) -> None:
    """Refuse a picture by the size that its header gives.

    Raises:
        TooManyPixels: there are more than ``most``.
        TooFewPixels: a side is too short.
        TooComplex: one side is hundreds of times as long as the other.
    """
    if width * height > most:
        raise TooManyPixels(f"{width}×{height} is more than the {most // 1_000_000} million pixels allowed")
    if min(width, height) < MIN_SIDE:
        raise TooFewPixels(f"{width}×{height} is too small to hold a face")
    if max(width, height) > MAX_RATIO * min(width, height):
        raise TooComplex(f"{width}×{height}: one side is more than {MAX_RATIO} times as long as the other")


def halvings(width: int, height: int, least: int = 1) -> int:
    """How often a picture is halved until it has at most :data:`MAX_PIXELS`, as a divisor of its sides.

    Args:
        width: of the picture.
        height: of the picture.
        least: power of two by which the sides are divided in any case.

    Example:
        >>> [halvings(side, side) for side in (4000, 6000, 10_000, 15_000)]
        [1, 2, 2, 4]
    """
    divisor = least
    while math.ceil(width / divisor) * math.ceil(height / divisor) > MAX_PIXELS:
        divisor *= 2
    return divisor


def check_count(count: int, most: int, what: str) -> None:
    """Refuse a picture that has more parts of a kind than any program writes.

    Raises:
        TooComplex: the count is above ``most``.
    """
    if count > most:
        raise TooComplex(f"more than {most:,} {what}: save the picture anew, and it will have few")
