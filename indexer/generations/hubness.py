"""Hubness of faces, and the hubs: faces a little like everybody, which turn up in everybody's answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.work.arrays import read_arrays
from niteru.indexer.generations.index import FlatIndex
from niteru.indexer.generations.rarity_calibration import LEAST_PEOPLE

COMPARED = 2_048
NEAREST = 5
USUAL_OF = 16_384
"""Faces, at most, whose median is the usual nearness."""
_FAR_OUT = 3.0
_BLOCK = 8_192


@dataclass(frozen=True, eq=False)
class Strangers:
    """A sample of people that everybody is compared with, and how near the nearest of them usually are.

    A generation keeps these instead of everybody's hubness: a million faces take longer to compare than to publish, and
    the ten of an answer a fraction of a millisecond.

    Attributes:
        vectors: one face of each, float32 (s, dimension); none where there are too few people to tell.
        people: their ids, int64 (s,).
        usual: mean similarity of a face to its nearest five among them, as the median of up to 16,384 faces.
    """

    vectors: Vectors
    people: NDArray[np.int64]
    usual: float

    @classmethod
    def drawn(cls, vectors: Vectors, people: NDArray[np.int64]) -> Strangers:
        """Draw a face of each of up to 2,048 people.

        With all of their faces, two names of one person would make hubs of each other.

        Args:
            vectors: float32 unit vectors, shape (n, dimension).
            people: ids of their people, int64 (n,).
        """
        order = np.random.default_rng(0).permutation(len(vectors))
        sample = order[np.sort(np.unique(people[order], return_index=True)[1])][:COMPARED]
        if len(sample) < LEAST_PEOPLE:
            return cls(np.empty((0, vectors.shape[1]), np.float32), np.empty(0, np.int64), 0.0)
        found = cls(np.array(vectors[sample], np.float32), people[sample], 0.0)
        some = np.sort(order[:USUAL_OF])
        return cls(found.vectors, found.people, float(np.median(found.hubness(vectors[some], people[some]))))

    def hubness(self, vectors: Vectors, people: NDArray[np.int64]) -> NDArray[np.float32]:
        """How much nearer than usual each face's nearest strangers are to it.

        After the local scaling of Conneau et al. (2018, https://arxiv.org/abs/1710.04087).

        Args:
            vectors: float32 unit vectors, shape (n, dimension).
            people: ids of their people, int64 (n,).

        Returns:
            Mean similarity to the nearest five other people of the sample, less the usual one, float32 (n,). Zeros
            where there is no sample.
        """
        near = np.full(len(vectors), self.usual, np.float32)
        if len(self.people):
            for start in range(0, len(vectors), _BLOCK):
                rows = slice(start, start + _BLOCK)
                similarities, found = self._index.search(vectors[rows], NEAREST + 1)
                similarities[people[rows, None] == self.people[found]] = -1
                near[rows] = -np.sort(-similarities, axis=1)[:, :NEAREST].mean(axis=1)
        return near - np.float32(self.usual)

    @cached_property
    def _index(self) -> FlatIndex:
        return FlatIndex.build(self.vectors)

    def save(self, file: Path | IO[bytes]) -> None:
        """Write them as ``.npz``."""
        np.savez(file, vectors=self.vectors, people=self.people, usual=self.usual)

    @classmethod
    def load(cls, file: Path | IO[bytes]) -> Strangers:
        """Read what :meth:`save` wrote."""
        kept = read_arrays(file)
        return cls(kept["vectors"], kept["people"], float(kept["usual"]))


def hubs(values: NDArray[np.float32]) -> NDArray[np.int64]:
    """Rows whose hubness is an outlier, more than three standard deviations above usual; the highest first."""
    spread = 1.4826 * float(np.median(np.abs(values)))  # estimates the standard deviation, whatever the outliers
    rows = np.flatnonzero(values > _FAR_OUT * spread) if spread else np.empty(0, np.int64)
    return np.asarray(rows[np.argsort(-values[rows], kind="stable")], np.int64)
