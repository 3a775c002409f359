"""Index of kind ``annoy``: a forest of random cuts in a mapped file. Needs the extra ``annoy``."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
from typing_extensions import override

from niteru.engine import Vectors
from niteru.engine.work.extras import extra
from niteru.indexer.generations.index.base import Index, Rows, Similarities

TREES = 40


class AnnoyIndex(Index):
    """Spotify's Annoy (https://github.com/spotify/annoy); it cannot filter, so spare rows are requested and dropped."""

    kind: ClassVar[str] = "annoy"
    EFFORTS: ClassVar[tuple[int, ...]] = (2_000, 8_000, 32_000, 128_000)

    def __init__(self, vectors: Vectors) -> None:
        """Begin an empty forest over vectors.

        Raises:
            ExtraMissing: Annoy is not installed.
        """
        with extra("annoy", "an annoy index"):
            from annoy import AnnoyIndex as Forest

        super().__init__()
        self._forest, self._vectors = Forest(vectors.shape[1], "angular"), vectors

    @classmethod
    @override
    def build(cls, vectors: Vectors) -> AnnoyIndex:
        index = cls(vectors)
        index._forest.set_seed(1)
        for row, vector in enumerate(vectors):
            index._forest.add_item(row, vector)
        index._forest.build(TREES)
        return index

    @classmethod
    @override
    def load(cls, file: Path, vectors: Vectors) -> AnnoyIndex:
        index = cls(vectors)
        index._forest.load(str(file))
        return index

    @override
    def save(self, file: Path) -> None:
        self._forest.save(str(file))

    @override
    def vectors(self, rows: Rows) -> Vectors:
        return np.array(self._vectors[rows], np.float32)

    @override
    def __len__(self) -> int:
        return int(self._forest.get_n_items())

    @override
    def _nearest(self, queries: Vectors, k: int, without: Rows, effort: int) -> tuple[Similarities, Rows]:
        similarities = np.full((len(queries), k), -2, np.float32)
        rows = np.full((len(queries), k), -1, np.int64)
        wanted = min(len(self), k + min(len(without), max(16 * k, 1_000)))
        for number, query in enumerate(queries):
            near, apart = self._forest.get_nns_by_vector(query, wanted, max(effort, wanted * 2), True)
            found = np.array(near, np.int64)
            kept = np.flatnonzero(~np.isin(found, without))[:k]
            rows[number, : len(kept)] = found[kept]
            # Annoy's distance is Euclidean between unit vectors: its square is 2 - 2 cos.
            similarities[number, : len(kept)] = 1 - np.square(np.array(apart)[kept]) / 2
        return similarities, rows
