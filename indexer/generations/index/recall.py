"""Recall of an index against exact search, in the nearest faces of *other* people, as questions ask for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.failure import Failure
from niteru.indexer.generations.index.base import Index, Similarities

FLOOR = 0.98
ASKED = 200
NEAREST = 10
_BLOCK = 16
_ROUNDING = 1e-5


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

    def search(effort: int, row: int, k: int) -> Similarities:
        index.effort = effort
        return _others(index, vectors, people, row, k)

    index.effort, recall = least_effort(index.kind, index.EFFORTS, search, vectors, people, floor)
    return recall


def _others(index: Index, vectors: Vectors, people: NDArray[np.int64], row: int, k: int) -> Similarities:
    similarities, _ = index.search(vectors[row : row + 1], k, np.flatnonzero(people == people[row]))
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
    return _recall(partial(_others, index, vectors, people), _sample(vectors, people))


def _sample(vectors: Vectors, people: NDArray[np.int64]) -> list[tuple[int, int, float]]:
    """Sampled rows, each with the number of faces of others to find and the similarity of the last of them."""
    asked = np.random.default_rng(0).permutation(len(vectors))[:ASKED]
    sample = []
    for block in np.array_split(asked, max(1, len(asked) // _BLOCK)):
        for row, similarities in zip(block, vectors[block] @ vectors.T, strict=True):
            others = similarities[people != people[row]]
            k = min(NEAREST, len(others))
            if k:
                sample.append((int(row), k, float(np.partition(others, -k)[-k])))
    return sample


def _recall(search: Callable[[int, int], Similarities], sample: list[tuple[int, int, float]]) -> float:
    found = sum(int((search(row, k) >= least - _ROUNDING).sum()) for row, k, least in sample)
    return found / sum(k for _, k, _ in sample) if sample else 1.0
