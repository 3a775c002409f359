"""Contract of every kind of index, and the exact search that all of them fall back on."""

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
"""Rows up to which they are compared one by one: a graph or list most of whose rows are left out finds too little."""
_SPARSE = 10
"""All rows to one that is not left out, from which they are compared one by one."""
_NEARLY_ALL = 1.1
"""All rows to one that is not left out, up to which a search is made as if none were."""
_BLOCK = 65_536


class Index(ABC):
    """Search for the nearest rows by cosine between unit vectors, which lie in a file of their own.

    An index is built once and never changed, for every publication builds the next one; so no kind needs to support
    adding or removing, and none is preferred for it.

    Attributes:
        kind: name of the kind.
        EFFORTS: efforts of a search to choose from, ascending; an exact kind has one.
        effort: the one in use.
    """

    kind: ClassVar[str]
    EFFORTS: ClassVar[tuple[int, ...]] = (0,)

    def __init__(self) -> None:
        self.effort = self.EFFORTS[0]

    @classmethod
    @abstractmethod
    def build(cls, vectors: Vectors) -> Index:
        """Build an index over float32 unit vectors, shape (n, dimension), n ≥ 1.

        Those that are mapped (:mod:`niteru.indexer.generations.index.vector_file`) are read in blocks and not copied.
        """

    @classmethod
    @abstractmethod
    def load(cls, file: Path, vectors: Vectors) -> Index:
        """Open a saved index over its vectors, mapped into memory rather than read."""

    @abstractmethod
    def save(self, file: Path) -> None:
        """Write to one file what the index has beside the vectors; an exact one has nothing, and writes none.

        Raises:
            OSError: the disk is full, or cannot be written.
        """

    @abstractmethod
    def vectors(self, rows: Rows) -> Vectors:
        """Vectors of some rows, float32 (n, dimension), as the index stores them."""

    @abstractmethod
    def __len__(self) -> int:
        """Number of rows."""

    @abstractmethod
    def _nearest(self, queries: Vectors, k: int, without: Rows, effort: int) -> tuple[Similarities, Rows]:
        """Search as :meth:`search` does, but with an effort, and with -1 at the end for rows that were not found."""

    def search(self, queries: Vectors, k: int, without: Rows = NO_ROWS) -> tuple[Similarities, Rows]:
        """Find the nearest rows, the most similar first.

        Args:
            queries: float32 unit vectors, shape (q, dimension).
            k: number of rows; just as many come, whatever the kind, or all if there are fewer.
            without: rows to leave out, ascending, each once, int64 (w,).

        Returns:
            Similarities, float32 (q, k'), and rows, int64 (q, k'), with k' = min(k, n - w).
        """
        queries = np.ascontiguousarray(queries, np.float32)
        count = len(self) - len(without)
        k = min(k, count)
        if k == 0:
            return np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
        if len(self.EFFORTS) > 1 and (count <= self._few or 2 * k > count):
            return self._compare(queries, k, without)
        similarities, rows = self._nearest(queries, k, without, self._effort_among(count))
        if rows.size and rows.min() < 0:
            short = np.flatnonzero((rows < 0).any(axis=1))
            similarities[short], rows[short] = self._compare(queries[short], k, without)
        return similarities, rows

    @property
    def _few(self) -> int:
        """Rows up to which those that are not left out are compared one by one."""
        return max(_FEW, len(self) // _SPARSE)

    def _effort_among(self, count: int) -> int:
        """Effort of a search in which this many rows are not left out: the sparser they are, the more is searched."""
        needed = self.effort * len(self) / count
        if needed < self.effort * _NEARLY_ALL:
            return self.effort
        return next((effort for effort in self.EFFORTS if effort >= needed), self.EFFORTS[-1])

    def _compare(self, queries: Vectors, k: int, without: Rows) -> tuple[Similarities, Rows]:
        """Search exactly, vector by vector, in blocks that fit into memory; k ≤ n - w."""
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
    """Drop the w rows to leave out from k + w that were found, and keep the first k of the others."""
    similarities, rows = found
    position = np.minimum(np.searchsorted(without, rows), len(without) - 1)
    kept = without[position] != rows
    if len(rows) == 1:  # one query, as a service has it: a quarter of the time
        first = np.flatnonzero(kept[0])[:k]
        return similarities[:, first], rows[:, first]
    first = np.argsort(~kept, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(similarities, first, 1), np.take_along_axis(rows, first, 1)
