"""Photographs of several drawn people, of whom the picture's edge may cut some off."""

from __future__ import annotations

import cv2
import numpy as np

from niteru.engine import Pixels
from niteru.engine.faces.face import Box
from support.drawings import drawn

Point = tuple[float, float]


def group_photo(size: tuple[int, int], *people: tuple[int, float, int, int]) -> tuple[Pixels, list[Point]]:
    """Paste drawings of people into a grey picture.

    Args:
        size: width and height of the picture.
        people: of each the number, the scale of the drawing, and where its left upper corner comes to lie, which may
            be outside.

    Returns:
        The picture, uint8 RGB, and the middle of each person's landmarks in it.
    """
    width, height = size
    picture, middles = np.full((height, width, 3), 128, np.uint8), []
    for number, scale, left, top in people:
        drawing = drawn(number)
        small = cv2.resize(drawing.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        seen = small[max(-top, 0) : height - top, max(-left, 0) : width - left]
        y, x = max(top, 0), max(left, 0)
        picture[y : y + seen.shape[0], x : x + seen.shape[1]] = seen
        across, down = (drawing.landmarks.mean(axis=0) * scale).tolist()
        middles.append((left + across, top + down))
    return picture, middles


def is_around(box: Box, middle: Point) -> bool:
    """Whether a face's box is around this point."""
    x, y, width, height = box
    return x < middle[0] < x + width and y < middle[1] < y + height
