"""Pairs of faces that may be one person's: each face and those nearest to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.work.progress import progress_bar
from niteru.indexer.generations.index.base import Index
from niteru.indexer.generations.index.flat import FlatIndex
from niteru.indexer.generations.index.ivfpq import IvfPqIndex

NEAREST = 16
"""Neighbours of each face that are looked at; a pair is found if either face has the other among its own."""
_EXACT_UP_TO = 20_000
_LISTS_READ = 32
_BLOCK = 4_096


@dataclass(frozen=True, slots=True, eq=False)
class FacePairs:
    """Pairs of rows, the most alike first: int32 (m,) twice, and their cosines, float32 (m,)."""

    one: NDArray[np.int32]
    other: NDArray[np.int32]
    cosines: NDArray[np.float32]


def nearest_pairs(vectors: Vectors, of: NDArray[np.bool_], least: float) -> FacePairs:
    """Pair some faces with the faces nearest to them.

    Up to 20,000 faces all are compared, and so are all with a few new ones; of more, each with those in the lists of an
    index that are nearest to it.

    Args:
        vectors: unit vectors of all faces, float32 (n, dimension).
        of: which faces to find neighbours of, bool (n,).
        least: cosine below which no pair is kept.
    """
    asked = np.flatnonzero(of)
    index = _index(vectors, len(asked))
    parts = [(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))]
    with progress_bar("groups", len(asked), "face") as bar:
        for start in range(0, len(asked), _BLOCK):
            rows = asked[start : start + _BLOCK]
            cosines, found = index.search(vectors[rows], NEAREST + 1)
            ones = np.repeat(rows, found.shape[1])
            kept = (ones != found.ravel()) & (cosines.ravel() >= least)
            parts.append((ones[kept], found.ravel()[kept], cosines.ravel()[kept]))
            bar.update(len(rows))
    one, other, cosines = (np.concatenate(column) for column in zip(*parts, strict=True))
    # A pair is found from both of its ends; of equals, the order must not depend on who was asked.
    keys, first = np.unique(np.minimum(one, other) * len(vectors) + np.maximum(one, other), return_index=True)
    cosines = cosines[first]
    order = np.argsort(-cosines, kind="stable")
    low, high = np.divmod(keys[order], len(vectors))
    return FacePairs(low.astype(np.int32), high.astype(np.int32), cosines[order])


def _index(vectors: Vectors, asked: int) -> Index:
    if len(vectors) <= _EXACT_UP_TO or asked <= _BLOCK:
        return FlatIndex.build(vectors)
    index = IvfPqIndex.build(vectors)
    index.effort = _LISTS_READ
    return index
