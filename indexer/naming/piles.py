"""Groups of faces as somebody looks them through: the largest first, and who each may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.photos.person_name import group_number
from niteru.indexer.gallery import Gallery
from niteru.indexer.naming.grouping import COMMONEST
from niteru.indexer.naming.likeness_of_strangers import LikenessOfStrangers

STRANGERS = 3.0
"""Strangers as near as that, expected among all people, from which a group is not said to be perhaps somebody."""
_BLOCK = 4_096


@dataclass(frozen=True, slots=True)
class Pile:
    """A group of faces that nobody has named.

    Attributes:
        name: ``unnamed 12``.
        number: 12.
        faces: ids, those most like the others first.
        photos: number of photos that show them.
        perhaps: name of the person, or of the larger group, that it is nearest to, if so near that it may be them.
        similarity: cosine to them on average; 0 without.
    """

    name: str
    number: int
    faces: list[int]
    photos: int
    perhaps: str | None = None
    similarity: float = 0.0


def piles(gallery: Gallery) -> list[Pile]:
    """List the groups of a gallery that nobody has named, the largest first, then by number."""
    queries, model = gallery.catalog.queries, gallery.model()
    names = {person: name for person, name, _ in queries.people()}
    ids, people, vectors = queries.labelled_vectors(model.id)
    if not len(ids):
        return []
    photo_of = queries.photo_of_faces()
    everybody = _Everybody(people, vectors)
    groups = [row for row, person in enumerate(everybody.ids.tolist()) if group_number(names[person]) is not None]
    nearest = everybody.nearest(groups, LikenessOfStrangers.among(vectors, model.calibration))
    found = []
    for row in groups:
        name = names[int(everybody.ids[row])]
        rows = everybody.faces_of(row)
        order = np.argsort(-(vectors[rows] @ everybody.sums[row]), kind="stable")
        faces = ids[rows[order]].tolist()
        other, similarity = nearest.get(row, (None, 0.0))
        perhaps = None if other is None else names[int(everybody.ids[other])]
        number = group_number(name) or 0
        found.append(Pile(name, number, faces, len({photo_of[face] for face in faces}), perhaps, round(similarity, 4)))
    return sorted(found, key=lambda pile: (-len(pile.faces), pile.number))


class _Everybody:
    """People and groups by row, with the sums of their faces' vectors."""

    def __init__(self, people: NDArray[np.int64], vectors: Vectors) -> None:
        self.ids, owner, self.sizes = np.unique(people, return_inverse=True, return_counts=True)
        self.sums = np.zeros((len(self.ids), vectors.shape[1]), np.float32)
        np.add.at(self.sums, owner, vectors)
        self._order = np.argsort(owner, kind="stable")
        self._starts = np.concatenate([[0], np.cumsum(self.sizes)])

    def faces_of(self, row: int) -> NDArray[np.int64]:
        """Rows of the faces of one of them."""
        return self._order[self._starts[row] : self._starts[row + 1]]

    def nearest(self, groups: list[int], strangers: LikenessOfStrangers) -> Mapping[int, tuple[int, float]]:
        """The nearest of the others to each group, by average similarity, where they may be the same.

        Of two groups that may be one, the smaller one is said to be perhaps the larger.
        """
        is_group = np.zeros(len(self.ids), np.bool_)
        is_group[groups] = True
        least = strangers.reached_by(min(STRANGERS / len(self.ids), COMMONEST))
        means = self.sums / self.sizes[:, None]
        found = {}
        for start in range(0, len(groups), _BLOCK):
            rows = np.array(groups[start : start + _BLOCK])
            cosines = means[rows] @ means.T
            smaller = is_group & (
                (self.sizes < self.sizes[rows, None])
                | ((self.sizes == self.sizes[rows, None]) & (np.arange(len(self.ids)) >= rows[:, None]))
            )
            cosines[smaller] = -1
            best = cosines.argmax(axis=1)
            for row, other, cosine in zip(rows.tolist(), best.tolist(), cosines.max(axis=1).tolist(), strict=True):
                if cosine >= least:
                    found[row] = (other, cosine)
        return found
