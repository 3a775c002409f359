"""Boxes as fractions of a picture, and how they turn with it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, Self

from niteru.engine.faces.face import overlap
from niteru.engine.failure import Failure


class BadBox(Failure):
    """The numbers are no box in a picture."""


class RelativeBox(NamedTuple):
    """A box as fractions of a picture's width and height, 0 to 1; the origin is the upper left corner.

    Example:
        >>> box = RelativeBox(0.5, 0.0, 0.25, 0.5)
        >>> box.centre
        (0.625, 0.25)
        >>> box.turned(6)  # the same box, once the picture is turned upright by a quarter clockwise
        RelativeBox(left=0.5, top=0.5, width=0.5, height=0.25)
    """

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def around(cls, x: float, y: float, width: float, height: float) -> Self:
        """The box of that size around a point."""
        return cls(x - width / 2, y - height / 2, width, height)

    @property
    def centre(self) -> tuple[float, float]:
        """The point in the middle, x and y."""
        return self.left + self.width / 2, self.top + self.height / 2

    def checked(self) -> RelativeBox:
        """The part of the box that is in the picture.

        Raises:
            BadBox: a number is none, a side is not above 0, or the middle lies outside the picture.
        """
        if not all(map(math.isfinite, self)):
            raise BadBox("a side is not a number")
        if min(self.width, self.height) <= 0:
            raise BadBox("it has no area")
        if not all(0 <= value <= 1 for value in self.centre):
            raise BadBox("it lies outside the picture")
        left, top = max(self.left, 0.0), max(self.top, 0.0)
        right, bottom = min(self.left + self.width, 1.0), min(self.top + self.height, 1.0)
        if right <= left or bottom <= top:
            raise BadBox("it has no area")
        return RelativeBox(left, top, right - left, bottom - top)

    def turned(self, orientation: int) -> RelativeBox:
        """The box in the upright picture, given the box in one that is stored with an EXIF orientation, 1 to 8."""
        width, height = (self.height, self.width) if orientation in SIDEWAYS else (self.width, self.height)
        return RelativeBox.around(*_UPRIGHT[orientation](*self.centre), width, height)

    def overlap(self, other: RelativeBox) -> float:
        """Intersection over union of two boxes, 0 to 1."""
        return overlap(self, other)


SIDEWAYS = (5, 6, 7, 8)
"""EXIF orientations of pictures that are stored lying on their side."""
TURNED_BACK = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}
"""The orientation that undoes another one."""
_UPRIGHT: dict[int, Callable[[float, float], tuple[float, float]]] = {
    1: lambda x, y: (x, y),
    2: lambda x, y: (1 - x, y),
    3: lambda x, y: (1 - x, 1 - y),
    4: lambda x, y: (x, 1 - y),
    5: lambda x, y: (y, x),
    6: lambda x, y: (1 - y, x),
    7: lambda x, y: (1 - y, 1 - x),
    8: lambda x, y: (y, 1 - x),
}
"""Where a point of a stored picture is in the upright one, by EXIF orientation."""
