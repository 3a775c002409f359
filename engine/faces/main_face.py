"""The main face of a photograph: the one that the photograph is of, where it shows several.

Whoever takes a photograph of somebody has them large, near the middle of its width, and whole; a bystander may be
larger, but then the picture's edge cuts them off. Heights do not count: heads are high up in whole figures and in the
middle of portraits. The three count alike, with no weight of their own: weights that are learnt choose no better
(docs/detector.md).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from niteru.engine.faces.face import Face

VERSION = "1"
"""Version of the choice: a gallery that was read with another one reads its photos of several faces again."""
ROOM = 0.25
"""Distance from the picture's edge, in widths of the face's box, from which a head is surely whole."""


class Prominence(NamedTuple):
    """What speaks for a face being the main one; the main face has the largest sum.

    Attributes:
        size: logarithm of the area that the picture shows of its box, in pixels.
        whole: 1 where its box keeps a distance of :data:`ROOM` from the nearest edge, 0 where it touches an edge.
        central: 0 in the middle of the picture's width, -1 at its sides.
    """

    size: float
    whole: float
    central: float


def main_face(faces: Sequence[Face], size: tuple[int, int]) -> int:
    """Choose the main face of a photograph; of equals the first.

    Args:
        faces: one or more, of one picture.
        size: width and height of that picture, in the pixels of the faces' boxes.

    Returns:
        Its place in ``faces``.

    Example:
        >>> import numpy as np
        >>> points = np.zeros((5, 2), np.float32)
        >>> bystander = Face((-60, 40, 140, 180), points, 0.9)  # cut off at the left
        >>> speaker = Face((180, 60, 90, 120), points, 0.9)
        >>> main_face([bystander, speaker], (400, 300))
        1
    """
    sums = [sum(prominence(face, size)) for face in faces]
    return sums.index(max(sums))


def prominence(face: Face, size: tuple[int, int]) -> Prominence:
    """Measure what speaks for a face in a picture of this width and height."""
    (x, y, across, down), (width, height) = face.box, size
    shown = max(min(x + across, width) - max(x, 0), 1) * max(min(y + down, height) - max(y, 0), 1)
    room = min(x, y, width - x - across, height - y - down) / max(across, 1)
    aside = (2 * x + across - width) / width
    return Prominence(math.log(shown), min(max(room / ROOM, 0.0), 1.0), -min(aside**2, 1.0))
