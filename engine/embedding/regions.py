"""Which parts of two faces make them alike? Each is hidden in one, then in the other; what that takes is its share.

Occlusion sensitivity (Zeiler and Fergus, 2014, https://arxiv.org/abs/1311.2901), over the parts that people speak of.
Never in both at once: two faces blurred at the same place become more alike by it. Of 40 real look-alikes, hiding a
part in both raised the similarity in half of the cases; hiding it in one, in an eighth.
"""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels, Vectors
from niteru.engine.embedding.embedder import (
    Embedder,
)
from niteru.engine.faces.alignment import CROP_SIZE

PARTS: dict[str, tuple[tuple[int, int, int, int], ...]] = {
    "forehead": ((20, 4, 92, 34),),
    "brows": ((22, 34, 90, 46),),
    "eyes": ((22, 46, 90, 60),),
    "nose": ((44, 60, 68, 83),),
    "mouth": ((36, 83, 76, 101),),
    "jaw": ((14, 60, 44, 83), (68, 60, 98, 83), (14, 83, 36, 112), (76, 83, 98, 112), (36, 101, 76, 112)),
}
"""Left, top, right and bottom of rectangles in the aligned crop, by the template's eyes, nose and mouth."""
_BLUR = 12.0
_EDGE = 3.0
_ROUNDING = 1e-5
"""A difference of cosines that arithmetic makes and no face."""


def shares(embedder: Embedder, face: Pixels, others: list[Pixels]) -> list[dict[str, float]]:
    """What share each part of the face has in the similarity to each other face.

    Args:
        embedder: the one whose similarity is explained.
        face: aligned crop, uint8 RGB (112, 112, 3).
        others: aligned crops.

    Returns:
        For each other face, shares by part, from 0 to 1 and 1 together; all 0 if no part alone makes a difference.
    """
    mine = _vectors(embedder, face)
    return [_shares(mine, _vectors(embedder, other)) for other in others]


def _shares(mine: Vectors, theirs: Vectors) -> dict[str, float]:
    hidden = (mine[1:] @ theirs[0] + theirs[1:] @ mine[0]) / 2
    lost = mine[0] @ theirs[0] - hidden
    lost[lost < _ROUNDING] = 0
    total = float(lost.sum())
    return {part: round(float(one) / total, 3) if total else 0.0 for part, one in zip(PARTS, lost, strict=True)}


def _vectors(embedder: Embedder, face: Pixels) -> Vectors:
    """Of the face as it is, and with each part hidden; (1 + parts, dimension)."""
    blurred = cv2.GaussianBlur(face, (0, 0), _BLUR).astype(np.float32)
    hidden = [face + mask[..., None] * (blurred - face) for mask in _masks()]
    return embedder.embed(np.stack([face, *(one.round().astype(np.uint8) for one in hidden)]))


@functools.cache
def _masks() -> tuple[NDArray[np.float32], ...]:
    """1 where a part is, soft at its edges, float32 (112, 112)."""
    masks = []
    for rectangles in PARTS.values():
        mask = np.zeros((CROP_SIZE, CROP_SIZE), np.float32)
        for left, top, right, bottom in rectangles:
            mask[top:bottom, left:right] = 1
        masks.append(np.asarray(cv2.GaussianBlur(mask, (0, 0), _EDGE), np.float32))
    return tuple(masks)
