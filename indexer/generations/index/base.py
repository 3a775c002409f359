"""What every kind of index promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors

Similarities = NDArray[np.float32]
Rows = NDArray[np.int64]

NO_ROWS: Rows = np.empty(0, np.int64)

_FEW = 1_000
"""Up to so many rows are compared one by one: a graph or a list that is mostly forbidden answers badly."""
_BLOCK = 65_536


class Index(ABC):
    """Nearest rows by cosine over unit vectors; bigger is more alike.

    An index is built once and never changed: what was added or removed is in the next one. So no kind is preferred for
    being able to change, and none needs to.

    Attributes:
        kind: name of the kind.
        EFFORTS: how hard a search may try, from little to most; an exact kind knows one.
        effort: how hard it tries, one of them.
    """

    kind: ClassVar[str]
    EFFORTS: ClassVar[tuple[int, ...]] = (0,)

    def __init__(self) -> None:
        """Try the least."""
        self.effort = self.EFFORTS[0]

    @classmethod
    @abstractmethod
    def build(cls, vectors: Vectors) -> Index:
        """An index over float32 unit vectors, shape (n, dimension), n ≥ 1."""

    @classmethod
    @abstractmethod
    def load(cls, file: Path, dimension: int) -> Index:
        """Open a saved index, mapped into memory rather than read."""

    @abstractmethod
    def save(self, file: Path) -> None:
        """Write the index to one file.

        Raises:
            OSError: the disk is full, or another trouble of the system's.
        """

    @abstractmethod
    def vectors(self, rows: Rows) -> Vectors:
        """The vectors of some rows, float32 (n, dimension), as exactly as the index keeps them."""

    @abstractmethod
    def __len__(self) -> int:
        """Number of rows."""

    @abstractmethod
    def _nearest(self, queries: Vectors, k: int, without: Rows) -> tuple[Similarities, Rows]:
        """As :meth:`search`, but rows that were not found may be -1, behind the others."""

    def search(self, queries: Vectors, k: int, without: Rows = NO_ROWS) -> tuple[Similarities, Rows]:
        """The nearest rows, the most alike first.

        Args:
            queries: float32 unit vectors, shape (q, dimension).
            k: how many rows; all others if there are fewer. So many come, whatever the kind.
            without: rows that may not be answered, ascending, each once, int64 (w,).

        Returns:
            Similarities, float32 (q, k'), and rows, int64 (q, k'), with k' = min(k, n - w).
        """
        queries = np.ascontiguousarray(queries, np.float32)
        count = len(self) - len(without)
        k = min(k, count)
        if k == 0:
            return np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
        if len(self.EFFORTS) > 1 and (count <= _FEW or 2 * k > count):
            return self._compare(queries, k, without)
        similarities, rows = self._nearest(queries, k, without)
        if rows.size and rows.min() < 0:
            short = np.flatnonzero((rows < 0).any(axis=1))
            similarities[short], rows[short] = self._compare(queries[short], k, without)
        return similarities, rows

    def _compare(self, queries: Vectors, k: int, without: Rows) -> tuple[Similarities, Rows]:
        """Exactly, vector by vector, in blocks that fit into memory; k ≤ n - w."""
        wanted = np.delete(np.arange(len(self)), without)
        best = np.empty((len(queries), 0), np.float32)
        best_rows = np.empty((len(queries), 0), np.int64)
        for start in range(0, len(wanted), _BLOCK):
            block = wanted[start : start + _BLOCK]
            best = np.hstack([best, queries @ self.vectors(block).T])
            best_rows = np.hstack([best_rows, np.broadcast_to(block, (len(queries), len(block)))])
            order = np.argsort(-best, axis=1, kind="stable")[:, :k]
            best, best_rows = np.take_along_axis(best, order, 1), np.take_along_axis(best_rows, order, 1)
        return best, best_rows


def drop(found: tuple[Similarities, Rows], k: int, without: Rows) -> tuple[Similarities, Rows]:
    """The first k of k + w that were found, less the w that may not be answered."""
    similarities, rows = found
    place = np.minimum(np.searchsorted(without, rows), len(without) - 1)
    kept = without[place] != rows
    if len(rows) == 1:  # a question to a service: a quarter of the time that many take
        first = np.flatnonzero(kept[0])[:k]
        return similarities[:, first], rows[:, first]
    places = np.argsort(~kept, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(similarities, places, 1), np.take_along_axis(rows, places, 1)
