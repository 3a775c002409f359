"""Views of a picture for the detector's network: near, far, turned, with room around it, or of one face turned upright.

The near view shows a whole picture small, for the sake of large faces. The far view is for small faces: how far it
reduces a picture depends on the picture's area, and only so far that faces stay visible, whatever its sides. A view is
pixels for the network together with the matrix that maps points in them back to the picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels
from niteru.engine.faces.alignment import TEMPLATE, Landmarks, cut_out, similarity_transform
from niteru.engine.faces.detections import MULTIPLE

Matrix: TypeAlias = NDArray[np.float64]

NEAR = 224
"""Side of the square that holds the near view: pictures of all shapes have one size for the network."""
LARGE = 440
"""Longest side, in pixels, above which a picture has a far view."""
FAR, FAR_SCALE, MOST_FAR = 1280 * 1280, 3 / 8, 3_600_000
"""Pixels of the far view that cost little; the scale that it does not go below; its pixels at most, whatever comes."""
TILE, TILE_OVERLAP = 1_900_000, 192
"""Pixels that the network sees at once, at most, and pixels along the longer side that two neighbours share."""
FACE_VIEW = 128
"""Side of the view of one face, in pixels."""
IN_FACE_VIEW = np.asarray((TEMPLATE - np.array([56, 64])) * 0.8 + FACE_VIEW / 2, np.float32)
"""Landmarks in that view when the face's box, 77 by 105 pixels of the template, is in the middle."""
FACE_BOX = np.asarray([FACE_VIEW / 2 - 31, FACE_VIEW / 2 - 42, 62, 84], np.float32)
"""That box in the view: ``x, y, width, height``."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Pixels, uint8 RGB (height, width, 3), and the matrix (2, 3) that maps points in them to the picture."""

    pixels: Pixels
    back: Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """A scaled picture: pixels, uint8 RGB (height, width, 3), and the matrix (3, 3) back to the picture."""

    pixels: Pixels
    back: Matrix

    @property
    def scale(self) -> float:
        """Its sides by the picture's."""
        return 1 / float(min(self.back[0, 0], self.back[1, 1]))


def near_view(image: Pixels, room: float = 0.0) -> Reduced:
    """The whole picture, upright RGB, uint8 (height, width, 3), small enough to have room around it in the square."""
    return reduced(image, int(NEAR / (1 + 2 * room)))


def far_view(image: Pixels) -> Reduced | None:
    """The picture as large as small faces need it; None for one that is small itself."""
    longest, area = max(image.shape[:2]), image.shape[0] * image.shape[1]
    if longest <= LARGE:
        return None
    pixels = min(max(FAR, area * FAR_SCALE**2), MOST_FAR)
    return reduced(image, round(longest * min(1.0, (pixels / area) ** 0.5)))


def reduced(image: Pixels, longest: int) -> Reduced:
    """Scale a picture, upright RGB, uint8 (height, width, 3), to a longer side of so many pixels."""
    height, width = image.shape[:2]
    scale = longest / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if 0.5 < scale < 1:
        # The mean of an area is quick to take where it is two pixels by two: a third of the time, and as good.
        image = np.asarray(cv2.resize(image, (2 * size[0], 2 * size[1]), interpolation=cv2.INTER_LINEAR), np.uint8)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(image, size, interpolation=how), np.uint8)
    return Reduced(small, np.diag([width / size[0], height / size[1], 1.0]))


def whole(picture: Reduced, turn: int = 0, room: float = 0.0) -> View:
    """View all of a picture; its edges are repeated up to the near view's square or, if larger, to multiples of 32.

    Args:
        picture: the scaled picture.
        turn: quarter turns, counter-clockwise.
        room: share of each side to add at both ends, for pictures cut tightly around a face.
    """
    turned = np.rot90(picture.pixels, turn)
    left, top = round(turned.shape[1] * room), round(turned.shape[0] * room)
    width, height = turned.shape[1] + 2 * left, turned.shape[0] + 2 * top
    fits = max(width, height) <= NEAR
    right = left + (NEAR - width if fits else _missing(width))
    bottom = top + (NEAR - height if fits else _missing(height))
    filled = cv2.copyMakeBorder(np.ascontiguousarray(turned), top, bottom, left, right, cv2.BORDER_REPLICATE)
    unturned = _quarter_turn_back(turn, picture.pixels.shape[1::-1]) @ np.array(
        [[1, 0, -left], [0, 1, -top], [0, 0, 1]], np.float64
    )
    return View(np.asarray(filled, np.uint8), (picture.back @ unturned)[:2])


def tiles(view: View) -> Iterator[View]:
    """Cut a view across its longer side into overlapping tiles of one size; a view of few pixels is its only tile."""
    height, width = view.pixels.shape[:2]
    longer, shorter = max(height, width), min(height, width)
    count = max(1, math.ceil((longer - TILE_OVERLAP) / (TILE // shorter - TILE_OVERLAP)))
    side = math.ceil((longer + (count - 1) * TILE_OVERLAP) / count)
    side += _missing(side)
    for start in np.linspace(0, longer - side, count).round().astype(int).tolist():
        x, y = (start, 0) if width == longer else (0, start)
        pixels = view.pixels[:, x : x + side] if width == longer else view.pixels[y : y + side]
        yield View(pixels, view.back @ np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], np.float64))


def at_face(image: Pixels, landmarks: Landmarks) -> View:
    """View one face upright in the middle, at the size that the network knows best; uint8 (128, 128, 3).

    Raises:
        ValueError: if the landmarks coincide.
    """
    there = similarity_transform(landmarks, IN_FACE_VIEW)
    return View(cut_out(image, there, FACE_VIEW), np.asarray(cv2.invertAffineTransform(there), np.float64))


def _missing(side: int) -> int:
    """Pixels missing up to the next size that the network takes."""
    return -side % MULTIPLE


def _quarter_turn_back(turn: int, size: tuple[int, int]) -> Matrix:
    """Matrix from a picture that was turned counter-clockwise back to the original of ``size`` (width, height)."""
    width, height = size
    turns = {
        0: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        1: [[0, -1, width], [1, 0, 0], [0, 0, 1]],
        2: [[-1, 0, width], [0, -1, height], [0, 0, 1]],
        3: [[0, 1, 0], [-1, 0, height], [0, 0, 1]],
    }
    return np.array(turns[turn % 4], np.float64)
