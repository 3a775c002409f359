"""Exact search: every vector is compared."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import faiss
import numpy as np
from numpy.typing import NDArray

from engine.embedder import Vectors
from indexer.index.base import Index


class FlatIndex(Index):
    """FAISS ``IndexFlatIP`` (https://arxiv.org/abs/2401.08281)."""

    kind: ClassVar[str] = "flat"

    def __init__(self, index: faiss.Index) -> None:
        """Wrap a FAISS index of inner products."""
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors) -> FlatIndex:
        """See :class:`Index`."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, np.float32))
        return cls(index)

    @classmethod
    def load(cls, file: Path) -> FlatIndex:
        """See :class:`Index`."""
        return cls(faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC))

    def save(self, file: Path) -> None:
        """See :class:`Index`."""
        try:
            faiss.write_index(self._index, str(file))
        except RuntimeError as error:  # FAISS's word for a full disk
            raise OSError(str(error)) from None

    def search(
        self, queries: Vectors, k: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """See :class:`Index`."""
        rows = len(self) if allowed is None else int(np.count_nonzero(allowed))
        k = min(k, rows)
        if k == 0:
            empty = (len(queries), 0)
            return np.empty(empty, np.float32), np.empty(empty, np.int64)
        options = None
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            options = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))  # type: ignore[call-arg, arg-type]
        return self._index.search(np.ascontiguousarray(queries, np.float32), k, params=options)  # type: ignore[no-any-return]

    def vectors(self, rows: NDArray[np.int64]) -> Vectors:
        """See :class:`Index`."""
        return np.asarray(self._index.reconstruct_batch(rows), np.float32)

    def __len__(self) -> int:
        """See :class:`Index`."""
        return int(self._index.ntotal)
