"""Index of kind ``hnsw``: a graph of near neighbours, quick to answer and slow to build."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from typing_extensions import override

from niteru.engine import Vectors
from niteru.indexer.generations.index.faiss_index import FaissIndex, faiss

NEIGHBOURS = 32
CARE = 100
"""Candidates examined for every vector that is added; twice as many took twice as long and found the same."""


class HnswIndex(FaissIndex):
    """FAISS ``IndexHNSWFlat`` (Malkov and Yashunin, https://arxiv.org/abs/1603.09320)."""

    kind: ClassVar[str] = "hnsw"
    EFFORTS: ClassVar[tuple[int, ...]] = (32, 64, 128, 256, 512, 1024)
    SPARE: ClassVar[int] = 64

    @classmethod
    @override
    def build(cls, vectors: Vectors) -> HnswIndex:
        index = faiss.IndexHNSWFlat(vectors.shape[1], NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = CARE
        index.add(np.ascontiguousarray(vectors, np.float32))
        return cls(index)

    @override
    def _parameters(self, effort: int, options: dict[str, Any]) -> Any:
        return faiss.SearchParametersHNSW(efSearch=effort, **options)
