"""Lists of short codes, and the best of them compared again with the vectors themselves: for a million faces."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from niteru.engine import Vectors
from niteru.indexer.generations.index.faiss_index import FaissIndex, faiss

CODES = 16
"""Values of a code of 4 bits, of which one stands for two numbers of a vector."""
LEARNT_FROM = 64
"""Vectors a list that its centre is the mean of."""
COMPARED_AGAIN = 16
"""Candidates for every row that is wanted, or as many as lists are read."""


class IvfPqIndex(FaissIndex):
    """FAISS ``IVF…,PQ…x4fs,RFlat``: product quantisation (Jégou et al., 2011) scanned in registers, then refined."""

    kind: ClassVar[str] = "ivfpq"
    EFFORTS: ClassVar[tuple[int, ...]] = (8, 16, 32, 64, 128, 256, 512)

    @classmethod
    def build(cls, vectors: Vectors) -> IvfPqIndex:
        """See :class:`Index`."""
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

    def _parameters(self, options: dict[str, Any]) -> Any:
        lists = faiss.SearchParametersIVF(nprobe=self.effort, **options)
        return faiss.IndexRefineSearchParameters(k_factor=max(COMPARED_AGAIN, self.effort), base_index_params=lists)


def _sample(vectors: Vectors, most: int) -> Vectors:
    """Some of the vectors; of few each several times, since a centre needs one or more."""
    rng = np.random.default_rng(0)
    few = len(vectors) < most
    return vectors[rng.choice(len(vectors), max(most, len(vectors)) if few else most, replace=few)]
