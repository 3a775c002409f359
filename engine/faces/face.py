"""The face that every detector returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from niteru.engine.faces.alignment import Landmarks

Box: TypeAlias = tuple[int, int, int, int]
"""``(x, y, width, height)`` in pixels of the upright picture; may reach beyond its edges."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face in a picture: its place, its landmarks, and the detector's score, 0 to 1."""

    box: Box
    landmarks: Landmarks
    score: float
