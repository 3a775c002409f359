"""Index of kind ``flat``: exact search, which compares every vector."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from typing_extensions import override

from niteru.engine import Vectors
from niteru.indexer.generations.index.faiss_index import FaissIndex, faiss


class FlatIndex(FaissIndex):
    """FAISS ``IndexFlatIP``.

    Example:
        >>> index = FlatIndex.build(np.float32([[1, 0], [0, 1], [0.6, 0.8]]))
        >>> similarities, rows = index.search(np.float32([[1, 0]]), k=2)
        >>> rows
        array([[0, 2]])
        >>> similarities
        array([[1. , 0.6]], dtype=float32)
    """

    kind: ClassVar[str] = "flat"

    @classmethod
    @override
    def build(cls, vectors: Vectors) -> FlatIndex:
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, np.float32))
        return cls(index)
