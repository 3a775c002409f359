"""A face in a picture, as every detector tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from niteru.engine.faces.alignment import Landmarks

Box: TypeAlias = tuple[int, int, int, int]
"""``(x, y, width, height)`` in pixels of the upright picture; may reach past its edge."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face in a picture: where it is and how sure the detector was."""

    box: Box
    landmarks: Landmarks
    score: float
