"""Does an index find what exact search finds? Asked as people ask: for the nearest faces of *other* people."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.embedder import Vectors
from indexer.index.base import Index

FLOOR = 0.98
ASKED = 200
NEAREST = 10
_BLOCK = 16
_ROUNDING = 1e-5


class RecallTooLow(Exception):
    """The index misses more than it may."""


def tune(index: Index, vectors: Vectors, people: NDArray[np.int64], floor: float = FLOOR) -> float:
    """Let an index try as hard as it must, and no harder.

    Args:
        index: over the vectors; its ``effort`` is set.
        vectors: float32 unit vectors, shape (n, dimension).
        people: of each, int64 (n,).
        floor: recall that it must reach.

    Returns:
        Its recall, see :func:`recall_of_others`.

    Raises:
        RecallTooLow: it does not, however hard it tries.
    """
    recall = 0.0
    for effort in index.EFFORTS:
        index.effort = effort
        recall = recall_of_others(index, vectors, people)
        if recall >= floor:
            return recall
    raise RecallTooLow(
        f"an index of kind {index.kind} finds only {recall:.3f} of the {NEAREST} nearest faces of other people here, "
        f"and {floor:g} is asked: use another kind, niteru index --kind flat, or ask less, --least-recall {recall:.2f}"
    )


def recall_of_others(index: Index, vectors: Vectors, people: NDArray[np.int64]) -> float:
    """Share of the 10 nearest faces of other people that a search finds, over 200 faces of the gallery.

    Faces as near as the tenth count, whichever they are. 1 where there are no other people.
    """
    asked = np.random.default_rng(0).permutation(len(vectors))[:ASKED]
    found = wanted = 0
    for block in np.array_split(asked, max(1, len(asked) // _BLOCK)):
        exact = vectors[block] @ vectors.T
        for row, similarities in zip(block, exact, strict=True):
            others = people != people[row]
            k = min(NEAREST, int(np.count_nonzero(others)))
            if k == 0:
                continue
            least = np.partition(similarities[others], -k)[-k]
            reached, _ = index.search(vectors[row : row + 1], k, others)
            found += int((reached[0] >= least - _ROUNDING).sum())
            wanted += k
    return found / wanted if wanted else 1.0
