"""Views of a picture for the detector's network: whole, turned, with room around it, or of one face turned upright.

A view is pixels for the network together with the matrix that maps points in them back to the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels
from niteru.engine.faces.alignment import TEMPLATE, Landmarks, cut_out, similarity_transform
from niteru.engine.faces.detections import MULTIPLE

Matrix: TypeAlias = NDArray[np.float64]

FACE_VIEW = 128
"""Side of the view of one face, in pixels."""
IN_FACE_VIEW = np.asarray((TEMPLATE - np.array([56, 64])) * 0.8 + FACE_VIEW / 2, np.float32)
"""Landmarks in that view when the face's box, 77 by 105 pixels of the template, is in the middle."""


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


def reduced(image: Pixels, longest: int) -> Reduced:
    """Scale a picture, upright RGB, uint8 (height, width, 3), to a longer side of so many pixels."""
    height, width = image.shape[:2]
    scale = longest / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(image, size, interpolation=how), np.uint8)
    return Reduced(small, np.diag([width / size[0], height / size[1], 1.0]))


def whole(picture: Reduced, turn: int = 0, room: float = 0.0) -> View:
    """View all of a picture; its edges are repeated until both sides are multiples of 32.

    Args:
        picture: the scaled picture.
        turn: quarter turns, counter-clockwise.
        room: share of each side to add at both ends, for pictures cut tightly around a face.
    """
    height, width = picture.pixels.shape[:2]
    turned = np.rot90(picture.pixels, turn)
    left, top = round(turned.shape[1] * room), round(turned.shape[0] * room)
    right, bottom = left + _missing(turned.shape[1] + 2 * left), top + _missing(turned.shape[0] + 2 * top)
    filled = cv2.copyMakeBorder(np.ascontiguousarray(turned), top, bottom, left, right, cv2.BORDER_REPLICATE)
    unturned = _quarter_turn_back(turn, (width, height)) @ np.array(
        [[1, 0, -left], [0, 1, -top], [0, 0, 1]], np.float64
    )
    return View(np.asarray(filled, np.uint8), (picture.back @ unturned)[:2])


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
