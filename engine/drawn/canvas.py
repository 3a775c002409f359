"""The frontal plane that skin is painted on, and strokes on it."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine.drawn.mesh import Array
from niteru.engine.drawn.palettes import Colour

PER_CM = 24
LEFT, TOP, RIGHT, BOTTOM = -13.0, -13.0, 13.0, 14.0
SIZE = (round((BOTTOM - TOP) * PER_CM), round((RIGHT - LEFT) * PER_CM))
FINE = 3
"""Strokes are drawn this many times larger, then shrunk, for smooth edges."""


def linear(colour: Colour) -> Array:
    """Turn an sRGB colour (0 to 1) into linear light, float32 (3,)."""
    return np.asarray(np.power(colour, 2.2), np.float32)


def plane() -> tuple[Array, Array]:
    """Give the x and y in centimetres of each texel, float32 `SIZE` each."""
    x = np.linspace(LEFT, RIGHT, SIZE[1], dtype=np.float32)[None, :]
    y = np.linspace(TOP, BOTTOM, SIZE[0], dtype=np.float32)[:, None]
    return np.broadcast_to(x, SIZE).copy(), np.broadcast_to(y, SIZE).copy()


def texels(points: Array) -> Array:
    """Give the texture position of head points.

    Args:
        points: float32 (n, m, 3), the head at rest.

    Returns:
        float32 (n, m, 2), column and row.
    """
    # The flanks recede in depth, so depth is added to x there: otherwise the skin would streak.
    flank = np.sign(points[..., 0]) * 0.55 * np.maximum(0, 3.0 - points[..., 2])
    u = (points[..., 0] + flank - LEFT) * PER_CM - 0.5
    return np.stack([u, (points[..., 1] - TOP) * PER_CM - 0.5], axis=2).astype(np.float32)


class Strokes:
    """Thin anti-aliased strokes on a part of the texture, gathered as one coverage mask."""

    def __init__(self, left: float, top: float, right: float, bottom: float) -> None:
        """Open an empty sheet over a rectangle in centimetres."""
        self.column, self.row = round((left - LEFT) * PER_CM), round((top - TOP) * PER_CM)
        self.columns, self.rows = round((right - left) * PER_CM), round((bottom - top) * PER_CM)
        self._left, self._top = left, top
        self._sheet: NDArray[np.uint8] = np.zeros((self.rows * FINE, self.columns * FINE), np.uint8)

    def line(self, points: NDArray[Any], thickness: float, strength: float = 1.0) -> None:
        """Draw a polyline; points float (n, 2) and thickness in centimetres."""
        at = (points - np.array([self._left, self._top])) * PER_CM * FINE * 16
        wide = max(1, round(thickness * PER_CM * FINE))
        path = [np.round(at).astype(np.int32)]
        cv2.polylines(self._sheet, path, False, int(255 * strength), wide, cv2.LINE_AA, 4)

    def blend(self, image: Array, colour: Array, strength: float) -> None:
        """Mix a colour into a texture, float32 (*SIZE, 3), in place."""
        small = cv2.resize(self._sheet, (self.columns, self.rows), interpolation=cv2.INTER_AREA)
        mask = (small.astype(np.float32) * (strength / 255))[..., None]
        part = image[self.row : self.row + self.rows, self.column : self.column + self.columns]
        part += (colour - part) * mask
