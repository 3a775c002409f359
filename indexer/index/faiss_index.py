"""What the kinds that are FAISS's have in common (https://arxiv.org/abs/2401.08281)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import faiss as typed_faiss
import numpy as np

from engine.embedder import Vectors
from indexer.index.base import Index, Mask, Rows, Similarities

faiss: Any = typed_faiss
"""Its own type hints are wrong about the parameters of searches."""


class FaissIndex(Index):
    """A FAISS index of inner products that also holds every vector as it is."""

    def __init__(self, index: typed_faiss.Index) -> None:
        """Wrap it."""
        super().__init__()
        self._index = index

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

    def _nearest(self, queries: Vectors, k: int, allowed: Mask | None) -> tuple[Similarities, Rows]:
        # The bits must outlive the selector, which only points to them.
        bits = None if allowed is None else np.packbits(allowed, bitorder="little")
        options = {} if bits is None else {"sel": faiss.IDSelectorBitmap(bits)}
        with _threads_for(len(queries)):
            return self._index.search(queries, k, params=self._parameters(options))  # type: ignore[no-any-return]

    def _parameters(self, options: dict[str, Any]) -> typed_faiss.SearchParameters | None:
        """How to search, with a selector among the options where rows are left out."""
        return faiss.SearchParameters(**options) if options else None


@contextlib.contextmanager
def _threads_for(queries: int) -> Iterator[None]:
    """One thread for one query: FAISS 1.15 takes three times as long over it with two, whatever the size."""
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1 if queries == 1 else threads)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)
