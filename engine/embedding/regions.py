"""The share that each part of a face has in a similarity: what hiding it in one face, then in the other, takes away.

Occlusion sensitivity (Zeiler and Fergus, 2014, https://arxiv.org/abs/1311.2901), over the parts that people speak of.
A part is never hidden in both faces at once: two faces blurred in the same place become more alike. Of 40 real
look-alikes, hiding a part in both raised the similarity in half of the cases; hiding it in one, in an eighth.
"""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels, Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.faces.alignment import CROP_SIZE

PARTS: dict[str, tuple[tuple[int, int, int, int], ...]] = {
    "forehead": ((20, 4, 92, 34),),
    "brows": ((22, 34, 90, 46),),
    "eyes": ((22, 46, 90, 60),),
    "nose": ((44, 60, 68, 83),),
    "mouth": ((36, 83, 76, 101),),
    "jaw": ((14, 60, 44, 83), (68, 60, 98, 83), (14, 83, 36, 112), (76, 83, 98, 112), (36, 101, 76, 112)),
}
"""Left, top, right and bottom of rectangles in the aligned crop, placed by the template's eyes, nose and mouth."""
_BLUR, _SMALLER = 12.0, 4
_EDGE = 3.0
_ROUNDING = 1e-5
"""Differences of cosines below this are rounding, not faces."""


def shares(embedder: Embedder, face: Pixels, others: list[Pixels]) -> list[dict[str, float]]:
    """Share of each part of a face in its similarity to other faces.

    Args:
        embedder: embedder whose similarity is explained.
        face: aligned crop, uint8 RGB (112, 112, 3).
        others: aligned crops of the other faces.

    Returns:
        For each other face the shares by part; they add up to 1, or are all 0 if no single part makes a difference.

    Example:
        >>> from niteru.engine.embedding.reference import reference_crops
        >>> crops, people = reference_crops()
        >>> [explained] = shares(Embedder(), crops[0], [crops[1]])
        >>> list(explained)
        ['forehead', 'brows', 'eyes', 'nose', 'mouth', 'jaw']
        >>> round(sum(explained.values()), 2)
        1.0
    """
    mine = hidden_in_turn(embedder, face)
    return [shares_between(mine, hidden_in_turn(embedder, other)) for other in others]


def shares_between(mine: Vectors, theirs: Vectors) -> dict[str, float]:
    """The same for two faces, from what :func:`hidden_in_turn` gives for each: quicker where faces come again."""
    hidden = (mine[1:] @ theirs[0] + theirs[1:] @ mine[0]) / 2
    lost = mine[0] @ theirs[0] - hidden
    lost[lost < _ROUNDING] = 0
    total = float(lost.sum())
    return {part: round(float(one) / total, 3) if total else 0.0 for part, one in zip(PARTS, lost, strict=True)}


def hidden_in_turn(embedder: Embedder, face: Pixels) -> Vectors:
    """Vectors of a face as it is and with each part hidden, float32 (1 + parts, dimension).

    Args:
        embedder: embedder whose similarity is explained.
        face: aligned crop, uint8 RGB (112, 112, 3).
    """
    # What is blurred so much is as well blurred at a quarter of its size, in a tenth of the time.
    small = cv2.resize(face, None, fx=1 / _SMALLER, fy=1 / _SMALLER, interpolation=cv2.INTER_AREA)
    blurred = cv2.resize(cv2.GaussianBlur(small, (0, 0), _BLUR / _SMALLER), face.shape[:2]).astype(np.float32)
    hidden = [face + mask[..., None] * (blurred - face) for mask in _masks()]
    return embedder.embed(np.stack([face, *(one.round().astype(np.uint8) for one in hidden)]))


@functools.cache
def _masks() -> tuple[NDArray[np.float32], ...]:
    """A mask for each part, float32 (112, 112): 1 on the part, with soft edges."""
    masks = []
    for rectangles in PARTS.values():
        mask = np.zeros((CROP_SIZE, CROP_SIZE), np.float32)
        for left, top, right, bottom in rectangles:
            mask[top:bottom, left:right] = 1
        masks.append(np.asarray(cv2.GaussianBlur(mask, (0, 0), _EDGE), np.float32))
    return tuple(masks)
