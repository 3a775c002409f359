"""Who looks like whom over everybody: how rarely two people are so alike, and by which faces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.gallery import Gallery
from indexer.neighbours import Neighbours
from indexer.persons import OnePerson, Persons
from indexer.rows import FaceRow

COMPARED_PAIRS = 2_000_000
_ROUNDING = 1e-5
"""Scores that differ by less are one score, come to in two ways."""


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """How alike two different people are here: scores of pairs, rising, all there are up to two millions."""

    scores: NDArray[np.float32]

    def rarity(self, score: float) -> float:
        """Share of the pairs of people that are at least as alike, never below one of them."""
        as_alike = len(self.scores) - int(np.searchsorted(self.scores, score - _ROUNDING, side="left"))
        return max(as_alike, 1) / max(len(self.scores), 1)


@dataclass(frozen=True, slots=True)
class Resemblance:
    """One person beside another, shown by the two faces that are most alike.

    Attributes:
        face, other: those faces.
        similarity: of the two people, see :meth:`indexer.persons.Persons.score`.
        rarity: share of all pairs of people that are at least as alike.
        same_person: as alike as one person's photos are, see :class:`indexer.persons.OnePerson`.
        mutual: each is the other's nearest.
    """

    face: FaceRow
    other: FaceRow
    similarity: float
    rarity: float
    same_person: bool
    mutual: bool

    @property
    def person(self) -> str:
        """Name of the one."""
        return str(self.face.person)

    @property
    def other_person(self) -> str:
        """Name of the other."""
        return str(self.other.person)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person and the people most like them, the most alike first; how crowded, see :mod:`indexer.crowding`."""

    person: str
    faces: int
    crowding: float
    nearest: list[Resemblance]


def scale(persons: Persons, seed: int = 0) -> Scale:
    """The scores of all pairs of people, or of two million of them."""
    number = len(persons)
    if number * (number - 1) // 2 <= COMPARED_PAIRS:
        one, other = np.triu_indices(number, 1)
    else:
        one, other = np.random.default_rng(seed).integers(0, number, (2, COMPARED_PAIRS))
        one, other = one[one != other], other[one != other]
    blocks = zip(np.array_split(one, 64), np.array_split(other, 64), strict=True)
    return Scale(np.sort(np.concatenate([persons.score(some, others) for some, others in blocks])))


def person_rows(
    gallery: Gallery, persons: Persons, found: Neighbours, measured: Scale, one_person: OnePerson
) -> Iterator[PersonRow]:
    """Everybody by name, with the faces that show whom they look like."""
    for row, name in enumerate(persons.names):
        others = found.rows[row].tolist()
        pairs = [persons.best_pair(row, other) for other in others]
        shown = [(int(persons.face_ids[mine]), int(persons.face_ids[theirs])) for mine, theirs, _ in pairs]
        known = gallery.catalog.faces(face for pair in shown for face in pair)
        nearest_people = [
            Resemblance(
                face=known[mine],
                other=known[theirs],
                similarity=float(found.scores[row, rank]),
                rarity=measured.rarity(float(found.scores[row, rank])),
                same_person=one_person.under(persons, row, others[rank]),
                mutual=int(found.rows[others[rank], 0]) == row and rank == 0,
            )
            for rank, (mine, theirs) in enumerate(shown)
        ]
        yield PersonRow(name, persons.count(row), float(persons.crowding[row]), nearest_people)
