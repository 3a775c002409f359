"""Labelled faces in a picture, and the values that the network's cells should have for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from niteru.engine.faces.alignment import TEMPLATE, Landmarks, similarity_transform
from niteru.engine.faces.detections import STRIDES, UNIT, cell_centres, encode, moved_boxes

TARGET_CHANNELS = 17
"""Values of a cell: 1 for a face, 0 for none, -1 if nothing is learnt; 14 numbers of the face; the size of a unit in
face sizes, for the box and for the landmarks, which is 0 for landmarks that are not known exactly."""
FACE_SIZES = ((0.0, 44.0), (36.0, 110.0), (90.0, float("inf")))
"""Sizes in pixels of the faces that each stride detects; neighbouring strides share the sizes between them."""
NEARLY = 1.4
"""Factor by which a face may miss a stride's sizes without counting as background there."""
# Medians of the boxes that MTCNN gives 15,000 faces, in pixels of the 112-pixel template.
_BOX_CENTRE, _BOX_SIZE = np.array([56.0, 64.1], np.float32), np.array([77.3, 104.6], np.float32)

Matrix: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFace:
    """A labelled face in a picture.

    Attributes:
        box: ``x, y, width, height`` in pixels, float32 (4,).
        landmarks: five points in pixels, float32 (5, 2).
        sure: False if it may not be a face, or is cut off: nothing is learnt there.
        precise: False if the landmarks are those of a template, which fit faces only on average.
    """

    box: NDArray[np.float32]
    landmarks: Landmarks
    sure: bool = True
    precise: bool = True

    @property
    def size(self) -> float:
        """Square root of the box's area, in pixels."""
        return float(np.sqrt(self.box[2] * self.box[3]))

    @property
    def centre(self) -> NDArray[np.float32]:
        """Centre of the box, float32 (2,)."""
        return np.asarray(self.box[:2] + self.box[2:] / 2, np.float32)

    @property
    def roll(self) -> float:
        """Angle of the line between the eyes, in degrees."""
        x, y = self.landmarks[1] - self.landmarks[0]
        return float(np.degrees(np.arctan2(y, x)))

    def moved(self, matrix: Matrix) -> LabelledFace:
        """The face mapped by a matrix (2, 3) of rotation, uniform scale, shift, and perhaps a reflection."""
        turn = matrix[:, :2]
        landmarks = self.landmarks @ turn.T + matrix[:, 2]
        if np.linalg.det(turn) < 0:
            landmarks = landmarks[[1, 0, 2, 4, 3]]
        box = moved_boxes(self.box[None], matrix)[0]
        return replace(self, box=box, landmarks=landmarks.astype(np.float32))


def from_landmarks(landmarks: Landmarks, precise: bool = True) -> LabelledFace:
    """Label a face of which only the landmarks are known, with the box that usually goes with them."""
    turn = similarity_transform(TEMPLATE, landmarks)
    upright = np.concatenate([_BOX_CENTRE - _BOX_SIZE / 2, _BOX_SIZE])
    box = LabelledFace(upright, TEMPLATE).moved(turn).box
    return LabelledFace(box, np.asarray(landmarks, np.float32), precise=precise)


def targets(faces: list[LabelledFace], side: int) -> NDArray[np.float32]:
    """Values that the cells of all strides should have for a square picture, float32 (cells, 17), finest first."""
    grids = [_grid(faces, side, stride, sizes) for stride, sizes in zip(STRIDES, FACE_SIZES, strict=True)]
    return np.concatenate(grids)


def _grid(faces: list[LabelledFace], side: int, stride: int, sizes: tuple[float, float]) -> NDArray[np.float32]:
    centres = cell_centres(stride, side // stride, side // stride)
    grid = np.zeros((len(centres), TARGET_CHANNELS), np.float32)
    # Small faces come last: where two share a cell, the smaller one has fewer other cells.
    for face in sorted(faces, key=lambda face: face.size, reverse=True):
        if not sizes[0] / NEARLY <= face.size < sizes[1] * NEARLY:
            continue
        off = np.abs(centres - face.centre).max(axis=1)
        grid[off <= max(stride, 0.3 * face.size), 0] = -1
        if face.sure and sizes[0] <= face.size < sizes[1]:
            here = off <= max(0.5 * stride, 0.12 * face.size)
            grid[here, 0] = 1
            grid[here, 1:15] = encode(centres[here], stride, face.box, face.landmarks)
            grid[here, 15] = UNIT * stride / face.size
            grid[here, 16] = grid[here, 15] * face.precise
    return grid
