"""Index of kind ``hnsw``: a graph of near neighbours, quick to answer and slow to build."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from typing_extensions import override

from niteru.engine import Vectors
from niteru.indexer.generations.index.faiss_index import FaissIndex, write_index
from niteru.indexer.generations.index.faiss_library import faiss
from niteru.indexer.generations.index.vector_file import exact_over, in_blocks

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
        for block in in_blocks(vectors):
            index.add(block)
        return cls(index)

    @classmethod
    @override
    def load(cls, file: Path, vectors: Vectors) -> HnswIndex:
        index = faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_SKIP_STORAGE)
        index.storage, index.own_fields = exact_over(vectors), False
        return cls(index, index.storage)

    @override
    def save(self, file: Path) -> None:
        write_index(self._index, file, faiss.IO_FLAG_SKIP_STORAGE)

    @override
    def _parameters(self, effort: int, options: dict[str, Any]) -> Any:
        return faiss.SearchParametersHNSW(efSearch=effort, **options)
