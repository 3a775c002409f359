"""Faces with known places in a picture, and what the network's cells should say of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from niteru.engine.faces.alignment import TEMPLATE, Landmarks, similarity_transform
from niteru.engine.faces.detections import STRIDES, UNIT, cell_centres, encode, moved_boxes

TARGET_CHANNELS = 17
"""Of a cell: 1 face, 0 none, -1 do not learn from it; 14 numbers of the face; how many face sizes a unit is, for the
box and, nought where they are not known, for the landmarks."""
FACE_SIZES = ((0.0, 44.0), (36.0, 110.0), (90.0, float("inf")))
"""Sizes of the faces that each stride answers for, in pixels; neighbours share the faces between them."""
NEARLY = 1.4
"""By how much a face may miss a stride's sizes without counting as background there."""
_BOX_CENTRE, _BOX_SIZE = np.array([56.0, 64.1], np.float32), np.array([77.3, 104.6], np.float32)
# Medians over the boxes that MTCNN gives 15,000 faces, in pixels of the 112-pixel template.

Matrix: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFace:
    """A face in a picture.

    Attributes:
        box: ``x, y, width, height`` in pixels, float32 (4,).
        landmarks: float32 (5, 2) in pixels.
        sure: False where it may be a face or not, or is cut off: nothing is learnt there.
        precise: False where the landmarks are a template's: right on average, and off by the shape of each face.
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
        """Of the box, float32 (2,)."""
        return np.asarray(self.box[:2] + self.box[2:] / 2, np.float32)

    @property
    def roll(self) -> float:
        """Turn of the line between the eyes, in degrees."""
        x, y = self.landmarks[1] - self.landmarks[0]
        return float(np.degrees(np.arctan2(y, x)))

    def moved(self, matrix: Matrix) -> LabelledFace:
        """The face after an affine map (2, 3) made of rotation, one scale, shift, and perhaps a mirror."""
        turn = matrix[:, :2]
        landmarks = self.landmarks @ turn.T + matrix[:, 2]
        if np.linalg.det(turn) < 0:
            landmarks = landmarks[[1, 0, 2, 4, 3]]
        box = moved_boxes(self.box[None], matrix)[0]
        return replace(self, box=box, landmarks=landmarks.astype(np.float32))


def from_landmarks(landmarks: Landmarks, precise: bool = True) -> LabelledFace:
    """A face of which only the landmarks are known, with the box that usually goes with them."""
    turn = similarity_transform(TEMPLATE, landmarks)
    upright = np.concatenate([_BOX_CENTRE - _BOX_SIZE / 2, _BOX_SIZE])
    box = LabelledFace(upright, TEMPLATE).moved(turn).box
    return LabelledFace(box, np.asarray(landmarks, np.float32), precise=precise)


def targets(faces: list[LabelledFace], side: int) -> NDArray[np.float32]:
    """What the cells of all strides should say of a square picture, float32 (cells, 17), finest stride first."""
    grids = [_grid(faces, side, stride, sizes) for stride, sizes in zip(STRIDES, FACE_SIZES, strict=True)]
    return np.concatenate(grids)


def _grid(faces: list[LabelledFace], side: int, stride: int, sizes: tuple[float, float]) -> NDArray[np.float32]:
    centres = cell_centres(stride, side // stride, side // stride)
    grid = np.zeros((len(centres), TARGET_CHANNELS), np.float32)
    # Small faces last: where two meet in a cell, the one in front of less is the harder to see elsewhere.
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
