"""Recall of an index against exact search, in the nearest faces of *other* people, as questions ask for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.failure import Failure
from niteru.indexer.generations.index.base import Index, Rows, Similarities
from niteru.indexer.generations.index.vector_file import BLOCK, in_blocks

FLOOR = 0.98
ASKED = 200
NEAREST = 10
_ROUNDING = 1e-5
_OWN = -2
"""Below every similarity: of faces of the same person, who is nobody else."""


class RecallTooLow(Failure):
    """An index misses more than it may; ``recall`` is the recall it reaches."""

    def __init__(self, message: str, recall: float = 0.0) -> None:
        super().__init__(message)
        self.recall = recall


def tune(index: Index, vectors: Vectors, people: NDArray[np.int64], floor: float = FLOOR) -> float:
    """Set an index to the least effort that reaches enough recall.

    Args:
        index: over the vectors; its ``effort`` is set.
        vectors: float32 unit vectors, shape (n, dimension).
        people: ids of their people, int64 (n,).
        floor: recall that must be reached.

    Returns:
        Its recall, see :func:`recall_of_others`.

    Raises:
        RecallTooLow: no effort reaches it.
    """
    if len(index.EFFORTS) == 1:
        return 1.0  # exact search is what recall is measured against

    others = _Others(index, vectors, people)

    def search(effort: int, row: int, k: int) -> Similarities:
        index.effort = effort
        return others.nearest(row, k)

    index.effort, recall = least_effort(index.kind, index.EFFORTS, search, vectors, people, floor)
    return recall


class _Others:
    """Searches for the faces of others than a face's own person; among millions, finding that one's takes longest."""

    def __init__(self, index: Index, vectors: Vectors, people: NDArray[np.int64]) -> None:
        self._index, self._vectors, self._people = index, vectors, people
        self._own: dict[int, Rows] = {}

    def nearest(self, row: int, k: int) -> Similarities:
        if row not in self._own:
            self._own[row] = np.flatnonzero(self._people == self._people[row])
        similarities, _ = self._index.search(self._vectors[row : row + 1], k, self._own[row])
        return similarities.reshape(-1)


def least_effort(
    kind: str,
    efforts: Sequence[int],
    search: Callable[[int, int, int], Similarities],
    vectors: Vectors,
    people: NDArray[np.int64],
    floor: float,
) -> tuple[int, float]:
    """Find the least effort that reaches enough recall; the effort and its recall.

    Args:
        kind: of the index, for the message.
        efforts: ascending.
        search: with an effort, a row and k, the similarities of the k nearest faces of other people, (k,).
        vectors: float32 unit vectors, shape (n, dimension).
        people: ids of their people, int64 (n,).
        floor: recall that must be reached.

    Raises:
        RecallTooLow: no effort reaches it.
    """
    sample = _sample(vectors, people)
    recall = 0.0
    for effort in efforts:
        recall = _recall(partial(search, effort), sample)
        if recall >= floor:
            return effort, recall
    raise RecallTooLow(
        f"an index of kind {kind} finds only {recall:.3f} of the {NEAREST} nearest faces of other people here, not "
        f"{floor:g}: use another kind, niteru index --kind flat, or require less, --least-recall {recall:.2f}",
        recall,
    )


def recall_of_others(index: Index, vectors: Vectors, people: NDArray[np.int64]) -> float:
    """Share of the 10 nearest faces of other people that a search finds, over 200 faces of the gallery.

    Any face as near as the tenth counts as found. 1 where there are no other people.
    """
    return _recall(_Others(index, vectors, people).nearest, _sample(vectors, people))


def _sample(vectors: Vectors, people: NDArray[np.int64]) -> list[tuple[int, int, float]]:
    """Sampled rows, each with the number of faces of others to find and the similarity of the last of them."""
    asked = np.random.default_rng(0).permutation(len(vectors))[:ASKED]
    queries, best = np.array(vectors[asked], np.float32), np.empty((len(asked), 0), np.float32)
    for number, block in enumerate(in_blocks(vectors)):
        similarities = queries @ block.T
        begin = number * BLOCK
        similarities[people[asked, None] == people[begin : begin + len(block)]] = _OWN
        best = np.hstack([best, similarities])
        best = -np.partition(-best, min(NEAREST, best.shape[1]) - 1, axis=1)[:, :NEAREST]
    counts = (best > _OWN).sum(axis=1)
    least = np.where(best > _OWN, best, np.inf).min(axis=1)
    return [(row, k, float(one)) for row, k, one in zip(asked.tolist(), counts.tolist(), least, strict=True) if k]


def _recall(search: Callable[[int, int], Similarities], sample: list[tuple[int, int, float]]) -> float:
    found = sum(int((search(row, k) >= least - _ROUNDING).sum()) for row, k, least in sample)
    return found / sum(k for _, k, _ in sample) if sample else 1.0
