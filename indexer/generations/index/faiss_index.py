"""Common part of the kinds of index that FAISS provides (https://arxiv.org/abs/2401.08281)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Self

import faiss as typed_faiss
import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from niteru.engine import Vectors
from niteru.indexer.generations.index.base import Index, Rows, Similarities, drop

faiss: Any = typed_faiss
"""FAISS without its type hints, which are wrong about the parameters of searches."""


class FaissIndex(Index):
    """FAISS index of inner products that also stores every vector unchanged.

    Attributes:
        SPARE: most rows that are left out by requesting as many more, where that is quicker than FAISS's filter.
    """

    SPARE: ClassVar[int] = 0

    def __init__(self, index: typed_faiss.Index) -> None:
        super().__init__()
        self._index = index
        self._kept: dict[int, typed_faiss.SearchParameters | None] = {}

    @classmethod
    @override
    def load(cls, file: Path, dimension: int) -> Self:
        return cls(faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC))

    @override
    def save(self, file: Path) -> None:
        try:
            faiss.write_index(self._index, str(file))
        except RuntimeError as error:  # what FAISS raises when the disk is full
            raise OSError(str(error)) from None

    @override
    def vectors(self, rows: Rows) -> Vectors:
        return np.asarray(self._index.reconstruct_batch(rows), np.float32)

    @override
    def __len__(self) -> int:
        return int(self._index.ntotal)

    @override
    def _nearest(self, queries: Vectors, k: int, without: Rows) -> tuple[Similarities, Rows]:
        with _threads_for(len(queries)):
            if not len(without):
                return self._search(queries, k, {})
            if len(without) <= self.SPARE:
                return drop(self._search(queries, k + len(without), {}), k, without)
            # The variable keeps the bits alive, which the selector only points to.
            bits = _all_but(without, len(self))
            return self._search(queries, k, {"sel": faiss.IDSelectorBitmap(bits)})

    def _search(self, queries: Vectors, k: int, options: dict[str, Any]) -> tuple[Similarities, Rows]:
        parameters = self._parameters(options) if options else self._unfiltered()
        return self._index.search(queries, k, params=parameters)  # type: ignore[no-any-return]

    def _unfiltered(self) -> typed_faiss.SearchParameters | None:
        """Parameters made once for each effort: making them takes 2 microseconds, and the quickest search 80."""
        if self.effort not in self._kept:
            self._kept[self.effort] = self._parameters({})
        return self._kept[self.effort]

    def _parameters(self, options: dict[str, Any]) -> typed_faiss.SearchParameters | None:
        """Parameters of a search; the options contain a selector where rows are left out."""
        return faiss.SearchParameters(**options) if options else None


def _all_but(rows: Rows, number: int) -> NDArray[np.uint8]:
    """Bitmap of all rows, with the bits of these rows cleared."""
    bits = np.full((number + 7) // 8, 255, np.uint8)
    np.bitwise_and.at(bits, rows >> 3, ~np.left_shift(1, rows & 7).astype(np.uint8))
    return bits


@contextlib.contextmanager
def _threads_for(queries: int) -> Iterator[None]:
    """Use one thread for one query: FAISS 1.15 takes three times as long with two, whatever the size."""
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1 if queries == 1 else threads)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)
