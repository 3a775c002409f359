"""Output of the detector's network, cell by cell, and how it becomes faces.

The network's output are grids of three strides. Each cell has a score for a face's centre being there, and the face's
centre, size and five landmarks, in units of four strides from the cell's own centre. There are no anchors, after FCOS
(Tian et al., 2019, https://arxiv.org/abs/1904.01355) and YuNet (Wu et al., 2023,
https://doi.org/10.1007/s11633-023-1423-y).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

STRIDES = (8, 16, 32)
MULTIPLE = STRIDES[-1]
"""Sides of the pictures that the network sees are multiples of this."""
CHANNELS = 15
"""Values of a cell: 1 score (logit), 2 centre, 2 size (logarithm), 10 landmark coordinates."""
UNIT = 4
OVERLAP = 0.4
"""Intersection over union from which two detections are the same face."""


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Faces detected in one picture, the highest score first.

    Attributes:
        scores: between 0 and 1, shape (n,).
        boxes: ``x, y, width, height`` in pixels, shape (n, 4).
        landmarks: five points in pixels, shape (n, 5, 2).
    """

    scores: Floats
    boxes: Floats
    landmarks: Floats

    def __len__(self) -> int:
        return len(self.scores)

    def only(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Detections:
        """The detections of some rows."""
        return Detections(self.scores[rows], self.boxes[rows], self.landmarks[rows])

    def moved(self, matrix: NDArray[np.float64]) -> Detections:
        """The detections mapped by a matrix (2, 3) of rotation, scale and shift."""
        turn = matrix[:, :2]
        landmarks = self.landmarks @ turn.T + matrix[:, 2]
        return Detections(self.scores, moved_boxes(self.boxes, matrix), landmarks.astype(np.float32))


def moved_boxes(boxes: Floats, matrix: NDArray[np.float64]) -> Floats:
    """Boxes (n, 4) around the same ellipses once a matrix (2, 3) has mapped them."""
    turn = matrix[:, :2]
    centres = (boxes[:, :2] + boxes[:, 2:] / 2) @ turn.T + matrix[:, 2]
    sizes = np.sqrt(boxes[:, 2:] ** 2 @ (turn**2).T)
    return np.concatenate([centres - sizes / 2, sizes], axis=1).astype(np.float32)


def overlap(box: Floats, boxes: Floats) -> Floats:
    """Intersection over union of one box (4,) with others (n, 4)."""
    start = np.maximum(box[:2], boxes[:, :2])
    end = np.minimum(box[:2] + box[2:], boxes[:, :2] + boxes[:, 2:])
    shared = np.maximum(end - start, 0).prod(axis=1)
    return np.asarray(shared / (box[2:].prod() + boxes[:, 2:].prod(axis=1) - shared), np.float32)


def cell_centres(stride: int, height: int, width: int) -> Floats:
    """Centres ``(x, y)`` in pixels of a grid's cells, row by row, float32 (height · width, 2)."""
    y, x = np.mgrid[:height, :width]
    return np.asarray((np.stack([x.ravel(), y.ravel()], axis=1) + 0.5) * stride, np.float32)


def encode(centres: Floats, stride: int, box: Floats, landmarks: Floats) -> Floats:
    """Values that cells at ``centres`` (n, 2) should have for a face: float32 (n, 14), all but the score."""
    unit = np.float32(UNIT * stride)
    place = (box[:2] + box[2:] / 2 - centres) / unit
    size = np.broadcast_to(np.log(box[2:] / unit), place.shape)
    points = (landmarks[None] - centres[:, None]) / unit
    return np.concatenate([place, size, points.reshape(-1, 10)], axis=1).astype(np.float32)


def decode(grids: list[Floats], least_score: float) -> Detections:
    """Turn the grids of one picture into faces, without duplicates.

    Args:
        grids: float32 (height, width, 15), one for each of :data:`STRIDES`, in their order.
        least_score: score below which cells are ignored.
    """
    cells = np.concatenate([grid.reshape(-1, CHANNELS) for grid in grids])
    sure = np.flatnonzero(cells[:, 0] >= np.log(least_score / (1 - least_score)))
    every_centre, every_unit = _cells(tuple(grid.shape[:2] for grid in grids))
    cells, centres, units = cells[sure], every_centre[sure], every_unit[sure]
    size = np.exp(np.minimum(cells[:, 3:5], 4)) * units
    corner = centres + cells[:, 1:3] * units - size / 2
    points = np.asarray(centres[:, None] + cells[:, 5:].reshape(-1, 5, 2) * units[:, None], np.float32)
    scores = 1 / (1 + np.exp(-cells[:, 0]))
    return without_doubles(Detections(scores, np.concatenate([corner, size], axis=1), points))


@functools.lru_cache(maxsize=8)
def _cells(sizes: tuple[tuple[int, int], ...]) -> tuple[Floats, Floats]:
    """Centres (n, 2) and units (n, 1) of the cells of grids of such heights and widths, one for each stride."""
    strides = list(zip(sizes, STRIDES, strict=True))
    units = [np.full((height * width, 1), UNIT * stride, np.float32) for (height, width), stride in strides]
    return np.concatenate([cell_centres(stride, *size) for size, stride in strides]), np.concatenate(units)


def nothing() -> Detections:
    """No detections at all."""
    return Detections(np.empty(0, np.float32), np.empty((0, 4), np.float32), np.empty((0, 5, 2), np.float32))


def joined(parts: list[Detections]) -> Detections:
    """The detections of several passes over one picture, together."""
    return Detections(
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.landmarks for part in parts]),
    )


def without_doubles(found: Detections) -> Detections:
    """Keep the best of the detections that overlap, the highest score first."""
    kept = (
        cv2.dnn.NMSBoxes(found.boxes.tolist(), found.scores.tolist(), 0.0, OVERLAP)
        if len(found) > 1
        else range(len(found))
    )
    return found.only(np.asarray(kept, np.intp))
