"""Pairs of faces that may be one person's: each face and those nearest to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.work.progress import progress_bar
from niteru.indexer.generations.index.faiss_index import faiss

NEAREST = 32
"""Neighbours of each face that are looked at."""
_EXACT_UP_TO = 150_000
_BLOCK = 4_096
_PROBES = 16
_TRAINED_ON = 40


@dataclass(frozen=True, slots=True, eq=False)
class FacePairs:
    """Pairs of rows, the most alike first: int32 (m,) twice, and their cosines, float32 (m,)."""

    one: NDArray[np.int32]
    other: NDArray[np.int32]
    cosines: NDArray[np.float32]


def nearest_pairs(vectors: Vectors, of: NDArray[np.bool_], least: float) -> FacePairs:
    """Pair some faces with the faces nearest to them.

    Up to 150,000 faces all are compared; of more, each with those in the sixteen nearest of its many parts.

    Args:
        vectors: unit vectors of all faces, float32 (n, dimension).
        of: which faces to find neighbours of, bool (n,).
        least: cosine below which no pair is kept.
    """
    index, asked = _index(vectors, int(of.sum())), np.flatnonzero(of)
    parts = list[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]]()
    with progress_bar("groups", len(asked), "face") as bar:
        for start in range(0, len(asked), _BLOCK):
            rows = asked[start : start + _BLOCK]
            cosines, found = index.search(vectors[rows], min(NEAREST + 1, len(vectors)))
            ones = np.repeat(rows, found.shape[1]).astype(np.int32)
            others, alike = found.ravel().astype(np.int32), cosines.ravel().astype(np.float32)
            kept = (others >= 0) & (ones != others) & (alike >= least)
            parts.append((ones[kept], others[kept], alike[kept]))
            bar.update(len(rows))
    one, other, cosines = (np.concatenate(column) for column in zip(*parts, strict=True))
    # A pair is found from both of its ends; of equals, the order must not depend on who was asked.
    low, high = np.minimum(one, other), np.maximum(one, other)
    order = np.lexsort((high, low, -cosines))
    low, high, cosines = low[order], high[order], cosines[order]
    twice = np.zeros(len(low), np.bool_)
    twice[1:] = (low[1:] == low[:-1]) & (high[1:] == high[:-1])
    return FacePairs(low[~twice], high[~twice], cosines[~twice])


def _index(vectors: Vectors, asked: int) -> faiss.Index:
    count, size = vectors.shape
    if count <= _EXACT_UP_TO or asked <= _BLOCK:
        index = faiss.IndexFlatIP(size)
        index.add(np.ascontiguousarray(vectors))
        return index
    parts = int(4 * np.sqrt(count))
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(size), size, parts, faiss.METRIC_INNER_PRODUCT)
    sample = np.random.default_rng(0).permutation(count)[: parts * _TRAINED_ON]
    index.train(np.ascontiguousarray(vectors[np.sort(sample)]))
    index.add(np.ascontiguousarray(vectors))
    index.nprobe = _PROBES
    return index
