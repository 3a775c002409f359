"""Correction of labels: one person under two names, and photos of somebody else.

Public sets of celebrities overlap, a few per cent of their labels are wrong, and in sets that claim to show a different
person in every picture, one picture in six shows somebody for the second time. A margin loss suffers from all of it: it
pushes photos of one person apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from niteru.engine import Vectors
from niteru.engine.evaluation.kinship import family_of

SAME_PERSON = 0.3
"""Nearness from which two names are one person: how much nearer their mean vectors are to each other than to their ten
next neighbours. Similarity alone would not do: by it all babies are one person."""
LEAST_ALIKE = 0.6
"""Cosine of mean vectors below which two names are never one person: among few people, chance neighbours would stand
out as near."""
NOT_THE_PERSON = 0.1
"""Cosine between a photo and the mean of its person's other photos below which the photo is left out."""
FEWEST = 3
"""Photos that a person must have before one of them can be wrong."""
NEIGHBOURS = 10
BLOCK = 1024


@dataclass(frozen=True, eq=False)
class Cleaned:
    """Labels after cleaning, and the changes.

    Attributes:
        labels: int64 (n,), from 0; -1 for photos that are left out.
        merged: pairs of names that are one person, the surest first.
        dropped: rows of the photos that are left out, the worst first.
    """

    labels: NDArray[np.int64]
    merged: list[tuple[str, str]]
    dropped: NDArray[np.int64]

    @property
    def counts(self) -> tuple[int, int]:
        """Numbers of merged pairs of names and of photos left out."""
        return len(self.merged), len(self.dropped)


def clean(people: list[str], vectors: Vectors) -> Cleaned:
    """Merge names that are one person, and leave out photos unlike all others of their person.

    Relatives are never merged: names of one family (``F0001_MID2``) are different people, however alike.

    Args:
        people: name of each photo's person.
        vectors: unit vectors, float32 (n, dimension), from a network that knows faces.
    """
    names, persons = np.unique(people, return_inverse=True)
    families = np.unique([family_of(name) for name in names], return_inverse=True)[1]
    first, second = _links(_means(vectors, persons), families)
    group = _groups(first, second, families)
    dropped = _odd_ones(vectors, persons)
    labels = group[persons].astype(np.int64)
    labels[dropped] = -1
    merged = [(str(names[a]), str(names[b])) for a, b in zip(first, second, strict=True) if group[a] == group[b]]
    return Cleaned(_numbered(labels), merged, dropped)


def _groups(first: NDArray[np.int64], second: NDArray[np.int64], families: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the names, linked ones alike; a group that would join relatives is split into single names."""
    count = len(families)
    links = coo_array((np.ones(len(first)), (first, second)), (count, count))
    group = np.asarray(connected_components(links, directed=False)[1], np.int64)
    for number in np.unique(group):
        members = np.flatnonzero(group == number)
        if len(members) > 1 and len(np.unique(families[members])) < len(members):
            group[members] = group.max() + 1 + np.arange(len(members))
    return group


def _numbered(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Renumber labels without gaps, keeping -1."""
    kept = labels >= 0
    again = np.full_like(labels, -1)
    again[kept] = np.unique(labels[kept], return_inverse=True)[1]
    return again


def _links(means: Vectors, families: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of names that are one person, the surest first.

    Nearness is cross-domain similarity local scaling (Conneau et al., 2017, https://arxiv.org/abs/1710.04087): twice
    the similarity less both densities.
    """
    density = np.concatenate([_density(similarity) for _, similarity in _by_blocks(means)])
    first, second, nearness = [], [], []
    for rows, similarity in _by_blocks(means):
        a, b = np.nonzero(similarity >= LEAST_ALIKE)
        apart = (rows[a] < b) & (families[rows[a]] != families[b])
        a, b = a[apart], b[apart]
        first.append(rows[a])
        second.append(b)
        nearness.append(2 * similarity[a, b] - density[rows[a]] - density[b])
    found = np.concatenate(nearness)
    surest = np.argsort(-found)
    surest = surest[found[surest] > SAME_PERSON]
    return np.concatenate(first)[surest], np.concatenate(second)[surest]


def _density(similarity: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean similarity of each row's nearest neighbours without the nearest one, which may be the same person."""
    count = min(NEIGHBOURS + 1, similarity.shape[1] - 1)
    around = np.partition(similarity, -count, axis=1)[:, -count:]
    return np.asarray((around.sum(axis=1) - around.max(axis=1)) / max(count - 1, 1), np.float32)


def _by_blocks(means: Vectors) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Yield rows and their similarities with all people, (rows, people), -1 with themselves."""
    for start in range(0, len(means), BLOCK):
        rows = np.arange(start, min(start + BLOCK, len(means)))
        similarity = means[rows] @ means.T
        similarity[np.arange(len(rows)), rows] = -1
        yield rows, similarity


def _odd_ones(vectors: Vectors, persons: NDArray[np.int64]) -> NDArray[np.int64]:
    totals = np.zeros((persons.max() + 1, vectors.shape[1]), np.float32)
    np.add.at(totals, persons, vectors)
    others = _unit(totals[persons] - vectors)
    agreement = (others * vectors).sum(axis=1)
    odd = np.flatnonzero((np.bincount(persons)[persons] >= FEWEST) & (agreement < NOT_THE_PERSON))
    return odd[np.argsort(agreement[odd])]


def _means(vectors: Vectors, persons: NDArray[np.int64]) -> Vectors:
    totals = np.zeros((persons.max() + 1, vectors.shape[1]), np.float32)
    np.add.at(totals, persons, vectors)
    return _unit(totals)


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9), np.float32)
