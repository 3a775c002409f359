"""Everybody of one generation as the report compares them, kept by a service to answer questions about people."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.indexer.ask.neighbours import nearest
from niteru.indexer.ask.persons import augmented, published
from niteru.indexer.ask.resemblance import Scale, scale
from niteru.indexer.gallery import GalleryReader
from niteru.indexer.generations.index.faiss_library import faiss

MOST_COMPARED = 4 * 10**8
"""Pairs of people that are compared when the most alike are sought: less than a second's work."""
_NEAREST, _MOST_PAIRS, _BLOCK = 3, 4_000, 1_024


@dataclass(frozen=True, eq=False)
class PublishedPeople:
    """People of a generation, sorted by name; their faces stay in the generation.

    Attributes:
        generation: its number.
        rows: row of each person, by id.
        ids: of people, int64 (p,).
        first, second: see :func:`niteru.indexer.ask.persons.augmented`, float32 (p, dimension + 2).
        starts: first of each person's ``face_ids``, and at the end their number; int64 (p + 1,).
        face_ids: of everybody, int64 (n,).
        measured: how rarely two people are as alike.
        agreement: see :attr:`niteru.indexer.ask.persons.Persons.agreement`.
    """

    generation: int
    rows: dict[int, int]
    ids: NDArray[np.int64]
    first: Vectors
    second: Vectors
    starts: NDArray[np.int64]
    face_ids: NDArray[np.int64]
    measured: Scale
    agreement: NDArray[np.float32]

    def __len__(self) -> int:
        """Number of people."""
        return len(self.ids)

    def faces_of(self, row: int) -> NDArray[np.int64]:
        """Ids of a person's faces."""
        return self.face_ids[self.starts[row] : self.starts[row + 1]]

    def nearest(self, row: int, k: int) -> tuple[list[float], list[int]]:
        """Scores and rows of the k people most like one, as in the report; fewer where there are no more."""
        scores, rows = nearest(self.first[row : row + 1], self.second, row, min(k, len(self) - 1))
        return scores[0].tolist(), rows[0].tolist()

    def vector(self, row: int) -> NDArray[np.float32]:
        """Vector of a person, float32 (dimension,)."""
        return self.first[row, :-2]

    def cosine(self, row: int, other: int) -> float:
        """Cosine of two people's vectors."""
        return float(self.vector(row) @ self.vector(other))

    def with_oneself(self, row: int) -> float:
        """Score of a person with themself."""
        return float(self.first[row] @ self.second[row])

    @cached_property
    def nearest_pairs(self) -> list[tuple[float, int, int]]:
        """Scores and rows of the most alike pairs, each once: of a large gallery, of some people with everybody."""
        if len(self) < 2:
            return []
        asked = np.linspace(0, len(self) - 1, min(len(self), max(1, MOST_COMPARED // len(self))))
        rows = np.unique(asked.astype(np.int64))
        parts = [self._nearest(rows[start : start + _BLOCK]) for start in range(0, len(rows), _BLOCK)]
        scores, ones, others = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        low, high = np.minimum(ones, others), np.maximum(ones, others)
        once = np.unique(low * len(self) + high, return_index=True)[1]
        order = once[np.argsort(-scores[once], kind="stable")][:_MOST_PAIRS]
        return list(zip(scores[order].tolist(), low[order].tolist(), high[order].tolist(), strict=True))

    def _nearest(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]]:
        """Scores of some people with those nearest to them, and the rows of both."""
        k = min(_NEAREST, len(self) - 1)
        scores, found = faiss.knn(self.first[rows], self.second, k + 1, metric=faiss.METRIC_INNER_PRODUCT)
        others = np.argsort(found == rows[:, None], axis=1, kind="stable")[:, :k]  # the person, if found, comes last
        scores, found = (np.take_along_axis(each, others, axis=1).ravel() for each in (scores, found))
        return scores, np.repeat(rows, k), found


def published_people(gallery: GalleryReader) -> PublishedPeople:
    """Compare the people of a reader's generation; for 10,000 people it takes some seconds."""
    persons = published(gallery)
    first, second = augmented(persons)
    rows = {person: row for row, person in enumerate(persons.ids.tolist())}
    return PublishedPeople(
        gallery.generation.number,
        rows,
        persons.ids,
        first,
        second,
        persons.starts,
        persons.face_ids,
        scale(persons),
        persons.agreement,
    )
