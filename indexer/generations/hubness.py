"""Hubness of faces, and the hubs: faces a little like everybody, which turn up in everybody's answers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.indexer.generations.index import FlatIndex
from niteru.indexer.generations.rarity_calibration import LEAST_PEOPLE

COMPARED = 2_048
NEAREST = 5
_FAR_OUT = 3.0
_BLOCK = 8_192


def hubness(vectors: Vectors, people: NDArray[np.int64]) -> NDArray[np.float32]:
    """Measure how much nearer than usual each face's nearest strangers are to it.

    After the local scaling of Conneau et al. (2018, https://arxiv.org/abs/1710.04087). One face stands for each
    stranger: with all of their faces, two names of one person would make hubs of each other.

    Args:
        vectors: float32 unit vectors, shape (n, dimension).
        people: ids of their people, int64 (n,).

    Returns:
        Mean similarity to the nearest faces of 5 of up to 2,048 other people, less the median of all; float32 (n,).
        Zeros where there are too few people to tell.
    """
    order = np.random.default_rng(0).permutation(len(vectors))
    sample = order[np.sort(np.unique(people[order], return_index=True)[1])][:COMPARED]
    if len(sample) < LEAST_PEOPLE:
        return np.zeros(len(vectors), np.float32)
    strangers = FlatIndex.build(vectors[sample])
    near = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), _BLOCK):
        rows = slice(start, start + _BLOCK)
        similarities, found = strangers.search(vectors[rows], NEAREST + 1)
        similarities[people[rows, None] == people[sample][found]] = -1
        near[rows] = -np.sort(-similarities, axis=1)[:, :NEAREST].mean(axis=1)
    return np.asarray(near - np.median(near), np.float32)


def hubs(values: NDArray[np.float32]) -> NDArray[np.int64]:
    """Rows whose hubness is an outlier, more than three standard deviations above usual; the highest first."""
    spread = 1.4826 * float(np.median(np.abs(values)))  # estimates the standard deviation, whatever the outliers
    rows = np.flatnonzero(values > _FAR_OUT * spread) if spread else np.empty(0, np.int64)
    return np.asarray(rows[np.argsort(-values[rows], kind="stable")], np.int64)
