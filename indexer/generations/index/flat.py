"""Exact search: every vector is compared."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from niteru.engine import Vectors
from niteru.indexer.generations.index.faiss_index import FaissIndex, faiss


class FlatIndex(FaissIndex):
    """FAISS ``IndexFlatIP``."""

    kind: ClassVar[str] = "flat"

    @classmethod
    def build(cls, vectors: Vectors) -> FlatIndex:
        """See :class:`Index`."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, np.float32))
        return cls(index)
