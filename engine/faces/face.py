"""The face that every detector returns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self, TypeAlias

import numpy as np

from niteru.engine.faces.alignment import Landmarks

Box: TypeAlias = tuple[int, int, int, int]
"""``(x, y, width, height)`` in pixels of the upright picture; may reach beyond its edges."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face in a picture: its place, its landmarks, and the detector's score, 0 to 1."""

    box: Box
    landmarks: Landmarks
    score: float

    def scaled(self, scale: float) -> Self:
        """The same face in a picture whose sides are ``scale`` times as long.

        Example:
            >>> import numpy as np
            >>> face = Face((10, 20, 30, 40), np.full((5, 2), 12.0, np.float32), 0.9).scaled(2)
            >>> face.box, face.landmarks[0].tolist()
            ((20, 40, 60, 80), [24.5, 24.5])
        """
        if scale == 1:
            return self
        x, y, width, height = (round(scale * value) for value in self.box)
        # The middle of a pixel is the middle of the square of pixels that it stands for.
        landmarks = (self.landmarks + np.float32(0.5)) * np.float32(scale) - np.float32(0.5)
        return replace(self, box=(x, y, width, height), landmarks=landmarks)


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    """Intersection over union of two boxes ``(x, y, width, height)``, 0 to 1.

    Example:
        >>> overlap((0, 0, 2, 2), (1, 0, 2, 2))
        0.3333333333333333
    """
    (x, y, width, height), (left, top, wide, high) = one, other
    across = min(x + width, left + wide) - max(x, left)
    down = min(y + height, top + high) - max(y, top)
    shared = max(across, 0) * max(down, 0)
    union = width * height + wide * high - shared
    return shared / union if union > 0 else 0.0
