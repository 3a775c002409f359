"""A decoded picture, as it is stored and upright."""

from __future__ import annotations

from dataclasses import dataclass

from niteru.engine import Pixels


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture, upright, and how much larger its photo is.

    Attributes:
        pixels: uint8 RGB (height, width, 3).
        scale: pixels of the photo's sides to one of these: 1, or 2, 4… for a large photo that was halved.
    """

    pixels: Pixels
    scale: int = 1

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the upright photo, in its own pixels."""
        height, width = self.pixels.shape[:2]
        return width * self.scale, height * self.scale


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """A picture as its file holds it: its pixels, RGB, not yet turned; EXIF orientation; scale as a picture's."""

    pixels: Pixels
    orientation: int
    scale: int
