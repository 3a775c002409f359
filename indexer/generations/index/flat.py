"""Index of kind ``flat``: exact search, which compares every vector."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from typing_extensions import override

from niteru.engine import Vectors
from niteru.indexer.generations.index.faiss_index import FaissIndex
from niteru.indexer.generations.index.vector_file import exact_over


class FlatIndex(FaissIndex):
    """FAISS ``IndexFlatIP``.

    Example:
        >>> import numpy as np
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
        return cls(exact_over(vectors))

    @classmethod
    @override
    def load(cls, file: Path, vectors: Vectors) -> FlatIndex:
        return cls(exact_over(vectors))

    @override
    def save(self, file: Path) -> None:
        """Write nothing: the vectors are all there is."""
