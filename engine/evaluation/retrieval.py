"""Retrieval: how often the nearest other photo shows the same person."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors

BLOCK = 1024


def nearest_is_same(vectors: Vectors, people: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell for each face whether the most alike other face is of the same person.

    Args:
        vectors: float32 unit vectors, shape (n, dimension).
        people: number of each one's person, int (n,).

    Returns:
        bool (n,).
    """
    right = np.zeros(len(vectors), bool)
    for start in range(0, len(vectors), BLOCK):
        rows = np.arange(start, min(start + BLOCK, len(vectors)))
        similarities = vectors[rows] @ vectors.T
        similarities[np.arange(len(rows)), rows] = -2.0
        right[rows] = people[similarities.argmax(axis=1)] == people[rows]
    return right


def recall_at_1(vectors: Vectors, people: NDArray[np.int64]) -> float | None:
    """Share of the faces whose nearest other face is of the same person, among people with two faces or more.

    Args:
        vectors: float32 unit vectors, shape (n, dimension).
        people: number of each one's person, int (n,).

    Returns:
        The share; None if nobody has two faces, or there is only one person.

    Example:
        >>> vectors = np.float32([[1, 0], [0.8, 0.6], [0, 1], [0.6, 0.8]])
        >>> recall_at_1(vectors, np.array([0, 0, 1, 1]))  # the second face is nearest to the fourth, and vice versa
        0.5
    """
    counts = np.bincount(people, minlength=1)
    probes = counts[people] > 1
    if not probes.any() or np.count_nonzero(counts) < 2:
        return None
    return float(nearest_is_same(vectors, people)[probes].mean())


def nearest_of(probes: Vectors, gallery: Vectors) -> NDArray[np.int64]:
    """Find for each probe the row of the most alike gallery face.

    Args:
        probes: float32 unit vectors, shape (n, dimension).
        gallery: float32 unit vectors, shape (m, dimension), m ≥ 1.

    Returns:
        int64 (n,).
    """
    blocks = [probes[start : start + BLOCK] @ gallery.T for start in range(0, len(probes), BLOCK)]
    return np.concatenate([block.argmax(axis=1) for block in blocks]) if blocks else np.empty(0, np.int64)
