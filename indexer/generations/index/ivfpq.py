"""Index of kind ``ivfpq``: lists of short codes, the best compared again by their vectors; for millions of faces.

The codes take some 40 bytes a face of 128 numbers and are searched in memory; of the vectors, which may lie in a mapped
file, only the best candidates' are read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from typing_extensions import override

from niteru.engine import Vectors
from niteru.indexer.generations.index.faiss_index import FaissIndex, write_index
from niteru.indexer.generations.index.faiss_library import faiss
from niteru.indexer.generations.index.vector_file import exact_over, in_blocks

CODES = 16
"""Values of a code of 4 bits, which stands for two numbers of a vector."""
LEARNT_FROM = 64
"""Vectors for each list or code that its centre is learnt from."""
COMPARED_AGAIN = 16
"""Candidates for every row requested, or as many as lists are read if that is more."""


class IvfPqIndex(FaissIndex):
    """FAISS ``IVF…,PQ…x4fs``: product quantisation (Jégou et al., 2011) scanned in registers, then refined."""

    kind: ClassVar[str] = "ivfpq"
    EFFORTS: ClassVar[tuple[int, ...]] = (8, 16, 32, 64, 128, 256, 512, 1024, 2048)

    @classmethod
    @override
    def build(cls, vectors: Vectors) -> IvfPqIndex:
        dimension = vectors.shape[1]
        lists = max(1, 2 * int(len(vectors) ** 0.5))
        halves = dimension // 2 if dimension % 2 == 0 else dimension
        codes = faiss.index_factory(dimension, f"IVF{lists},PQ{halves}x4fs", faiss.METRIC_INNER_PRODUCT)
        codes.cp.min_points_per_centroid = 1  # do not warn of small galleries
        codes.train(_sample(vectors, max(lists, CODES) * LEARNT_FROM))
        for block in in_blocks(vectors):
            codes.add(block)
        return cls._over(codes, vectors)

    @classmethod
    @override
    def load(cls, file: Path, vectors: Vectors) -> IvfPqIndex:
        return cls._over(faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC), vectors)

    @classmethod
    def _over(cls, codes: Any, vectors: Vectors) -> IvfPqIndex:
        exact = exact_over(vectors)
        return cls(faiss.IndexRefine(codes, exact), codes, exact)

    @override
    def save(self, file: Path) -> None:
        codes, _ = self._parts
        write_index(codes, file)

    @override
    def _parameters(self, effort: int, options: dict[str, Any]) -> Any:
        lists = faiss.SearchParametersIVF(nprobe=effort, **options)
        return faiss.IndexRefineSearchParameters(k_factor=max(COMPARED_AGAIN, effort), base_index_params=lists)


def _sample(vectors: Vectors, most: int) -> Vectors:
    """Draw vectors to learn from; too few are drawn several times each, since every centre needs one."""
    rng = np.random.default_rng(0)
    few = len(vectors) < most
    rows = np.sort(rng.choice(len(vectors), max(most, len(vectors)) if few else most, replace=few))
    return np.array(vectors[rows], np.float32)
