"""Index of kind ``ivfpq``: lists of short codes, the best compared again by their vectors; for a million faces."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from typing_extensions import override

from niteru.engine import Vectors
from niteru.indexer.generations.index.faiss_index import FaissIndex, faiss

CODES = 16
"""Values of a code of 4 bits, which stands for two numbers of a vector."""
LEARNT_FROM = 64
"""Vectors for each list or code that its centre is learnt from."""
COMPARED_AGAIN = 16
"""Candidates for every row requested, or as many as lists are read if that is more."""


class IvfPqIndex(FaissIndex):
    """FAISS ``IVF…,PQ…x4fs,RFlat``: product quantisation (Jégou et al., 2011) scanned in registers, then refined."""

    kind: ClassVar[str] = "ivfpq"
    EFFORTS: ClassVar[tuple[int, ...]] = (8, 16, 32, 64, 128, 256, 512)

    @classmethod
    @override
    def build(cls, vectors: Vectors) -> IvfPqIndex:
        vectors = np.ascontiguousarray(vectors, np.float32)
        dimension = vectors.shape[1]
        lists = max(1, 2 * int(len(vectors) ** 0.5))
        halves = dimension // 2 if dimension % 2 == 0 else dimension
        codes = faiss.index_factory(dimension, f"IVF{lists},PQ{halves}x4fs", faiss.METRIC_INNER_PRODUCT)
        codes.cp.min_points_per_centroid = 1  # do not warn of small galleries
        index = faiss.IndexRefineFlat(codes)
        index.train(_sample(vectors, max(lists, CODES) * LEARNT_FROM))
        index.add(vectors)
        return cls(index)

    @override
    def _parameters(self, effort: int, options: dict[str, Any]) -> Any:
        lists = faiss.SearchParametersIVF(nprobe=effort, **options)
        return faiss.IndexRefineSearchParameters(k_factor=max(COMPARED_AGAIN, effort), base_index_params=lists)


def _sample(vectors: Vectors, most: int) -> Vectors:
    """Draw vectors to learn from; too few are drawn several times each, since every centre needs one."""
    rng = np.random.default_rng(0)
    few = len(vectors) < most
    return vectors[rng.choice(len(vectors), max(most, len(vectors)) if few else most, replace=few)]
