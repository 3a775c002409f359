"""What the kinds that are FAISS's have in common (https://arxiv.org/abs/2401.08281)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Self

import faiss as typed_faiss
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.indexer.generations.index.base import Index, Rows, Similarities, drop

faiss: Any = typed_faiss
"""Its own type hints are wrong about the parameters of searches."""


class FaissIndex(Index):
    """A FAISS index of inner products that also holds every vector as it is.

    Attributes:
        SPARE: up to so many rows are left out by asking for as many more, where that takes less than to tell FAISS.
    """

    SPARE: ClassVar[int] = 0

    def __init__(self, index: typed_faiss.Index) -> None:
        """Wrap it."""
        super().__init__()
        self._index = index
        self._kept: dict[int, typed_faiss.SearchParameters | None] = {}

    @classmethod
    def load(cls, file: Path, dimension: int) -> Self:
        """See :class:`Index`."""
        return cls(faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC))

    def save(self, file: Path) -> None:
        """See :class:`Index`."""
        try:
            faiss.write_index(self._index, str(file))
        except RuntimeError as error:  # FAISS's word for a full disk
            raise OSError(str(error)) from None

    def vectors(self, rows: Rows) -> Vectors:
        """See :class:`Index`."""
        return np.asarray(self._index.reconstruct_batch(rows), np.float32)

    def __len__(self) -> int:
        """See :class:`Index`."""
        return int(self._index.ntotal)

    def _nearest(self, queries: Vectors, k: int, without: Rows) -> tuple[Similarities, Rows]:
        with _threads_for(len(queries)):
            if not len(without):
                return self._search(queries, k, {})
            if len(without) <= self.SPARE:
                return drop(self._search(queries, k + len(without), {}), k, without)
            # The bits must outlive the selector, which only points to them.
            bits = _all_but(without, len(self))
            return self._search(queries, k, {"sel": faiss.IDSelectorBitmap(bits)})

    def _search(self, queries: Vectors, k: int, options: dict[str, Any]) -> tuple[Similarities, Rows]:
        parameters = self._parameters(options) if options else self._unfiltered()
        return self._index.search(queries, k, params=parameters)  # type: ignore[no-any-return]

    def _unfiltered(self) -> typed_faiss.SearchParameters | None:
        """Made once for each effort: the quickest search takes eighty microseconds, and making them two."""
        if self.effort not in self._kept:
            self._kept[self.effort] = self._parameters({})
        return self._kept[self.effort]

    def _parameters(self, options: dict[str, Any]) -> typed_faiss.SearchParameters | None:
        """How to search, with a selector among the options where rows are left out."""
        return faiss.SearchParameters(**options) if options else None


def _all_but(rows: Rows, number: int) -> NDArray[np.uint8]:
    """A bit for each row, set but for some."""
    bits = np.full((number + 7) // 8, 255, np.uint8)
    np.bitwise_and.at(bits, rows >> 3, ~np.left_shift(1, rows & 7).astype(np.uint8))
    return bits


@contextlib.contextmanager
def _threads_for(queries: int) -> Iterator[None]:
    """One thread for one query: FAISS 1.15 takes three times as long over it with two, whatever the size."""
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1 if queries == 1 else threads)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)
