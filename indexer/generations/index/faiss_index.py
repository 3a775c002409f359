"""Common part of the kinds of index that FAISS provides."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from niteru.engine import Vectors
from niteru.indexer.generations.index.base import Index, Rows, Similarities, drop
from niteru.indexer.generations.index.faiss_library import faiss

if TYPE_CHECKING:
    import faiss as typed_faiss


_A_GOOD_PART, _NEARLY_ALL = 0.25, 0.98
"""Shares of rows to keep between which more are searched for, and dropped."""
_MORE = 16
_FEW_QUERIES = 64


class FaissIndex(Index):
    """FAISS index of inner products over vectors, which it compares unchanged.

    Args:
        index: FAISS's, over the vectors.
        parts: what it is made of, and only points to.

    Attributes:
        SPARE: most rows that are left out by requesting as many more, where that is quicker than FAISS's filter.
    """

    SPARE: ClassVar[int] = 0

    def __init__(self, index: typed_faiss.Index, *parts: typed_faiss.Index) -> None:
        super().__init__()
        self._index, self._parts = index, parts
        self._kept: dict[int, typed_faiss.SearchParameters | None] = {}

    @override
    def vectors(self, rows: Rows) -> Vectors:
        with _threads_for(1):  # copying waits for memory, and more threads for one another
            return np.asarray(self._index.reconstruct_batch(rows), np.float32)

    @override
    def __len__(self) -> int:
        return int(self._index.ntotal)

    @override
    def _nearest(self, queries: Vectors, k: int, without: Rows, effort: int) -> tuple[Similarities, Rows]:
        with _threads_for(len(queries)):
            if not len(without):
                return self._search(queries, k, self._unfiltered(effort))
            if len(without) <= self.SPARE:
                return drop(self._search(queries, k + len(without), self._unfiltered(effort)), k, without)
            kept = np.ones(len(self), bool)
            kept[without] = False
            enough = self._among_more(queries, k, kept, len(self) - len(without), effort)
            if enough is not None:
                return enough
            # The variable keeps the bits alive, which the selector only points to.
            bits = np.packbits(kept, bitorder="little")
            return self._search(queries, k, self._parameters(effort, {"sel": faiss.IDSelectorBitmap(bits)}))

    def _among_more(
        self, queries: Vectors, k: int, kept: NDArray[np.bool_], count: int, effort: int
    ) -> tuple[Similarities, Rows] | None:
        """Search for one query without a filter but for more rows, and keep those to keep; None if they do not suffice.

        Where a good part of the rows is kept, in no order, a filter takes twice as long as a search: processors guess
        half of the branches wrong.
        """
        if len(queries) > 1 or not _A_GOOD_PART <= count / len(self) <= _NEARLY_ALL:
            return None
        wanted = min(len(self), int(1.5 * k * len(self) / count) + _MORE)
        similarities, rows = self._search(queries, wanted, self._unfiltered(effort))
        first = np.flatnonzero(kept[rows[0]] & (rows[0] >= 0))[:k]
        return None if len(first) < k else (similarities[:, first], rows[:, first])

    def _search(self, queries: Vectors, k: int, how: typed_faiss.SearchParameters | None) -> tuple[Similarities, Rows]:
        return self._index.search(queries, k, params=how)  # type: ignore[no-any-return]

    def _unfiltered(self, effort: int) -> typed_faiss.SearchParameters | None:
        """Parameters made once for each effort: making them takes 2 microseconds, and the quickest search 80."""
        if effort not in self._kept:
            self._kept[effort] = self._parameters(effort, {})
        return self._kept[effort]

    def _parameters(self, effort: int, options: dict[str, Any]) -> typed_faiss.SearchParameters | None:
        """Parameters of a search; the options contain a selector where rows are left out."""
        return faiss.SearchParameters(**options) if options else None


def write_index(index: typed_faiss.Index, file: Path, flags: int = 0) -> None:
    """Write an index of FAISS's to a file.

    Raises:
        OSError: the disk is full, or cannot be written.
    """
    try:
        faiss.write_index(index, str(file), flags)
    except RuntimeError as error:  # what FAISS raises then
        raise OSError(str(error)) from None


@contextlib.contextmanager
def _threads_for(queries: int) -> Iterator[None]:
    """Use one thread for few queries: FAISS 1.15 takes three times as long over one with two, whatever the size.

    Over thirty, for the faces of an answer and two thousand strangers, it takes twice as long.
    """
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1 if queries <= _FEW_QUERIES else threads)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)
