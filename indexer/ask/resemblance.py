"""Who looks like whom over everybody: how rarely two people are so alike, and by which faces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from niteru.indexer.ask.neighbours import Neighbours
from niteru.indexer.ask.persons import OnePerson, Persons
from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.gallery import Gallery

_AT_A_TIME = 256
"""People whose faces are asked of the catalogue at once."""
COMPARED_PAIRS = 2_000_000
_ROUNDING = 1e-5
"""Scores that differ by less are one score, come to in two ways."""


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """How alike two different people are here: scores of pairs, rising, all there are up to two millions."""

    scores: NDArray[np.float32]

    def rarity(self, score: float) -> float:
        """Share of the pairs of people that are at least as alike, never below one of them."""
        least = np.float32(score - _ROUNDING)  # of the scores' own type: else all of them are converted for one
        as_alike = len(self.scores) - int(np.searchsorted(self.scores, least, side="left"))
        return max(as_alike, 1) / max(len(self.scores), 1)


@dataclass(frozen=True, slots=True)
class Resemblance:
    """One person beside another, shown by the two faces that are most alike.

    Attributes:
        face, other: those faces.
        similarity: of the two people, see :meth:`niteru.indexer.ask.persons.Persons.score`.
        rarity: share of all pairs of people that are at least as alike.
        same_person: as alike as one person's photos are, see :class:`niteru.indexer.ask.persons.OnePerson`.
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
    """A person and the people most like them, the most alike first; how crowded they are."""

    person: str
    faces: int
    hubness: float
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
    for start in range(0, len(persons), _AT_A_TIME):
        some = range(start, min(start + _AT_A_TIME, len(persons)))
        shown = {
            (row, other): [int(persons.face_ids[face]) for face in persons.best_pair(row, other)[:2]]
            for row in some
            for other in found.rows[row].tolist()
        }
        known = gallery.catalog.queries.faces(face for pair in shown.values() for face in pair)
        for row in some:
            nearest = [
                Resemblance(
                    face=known[shown[row, other][0]],
                    other=known[shown[row, other][1]],
                    similarity=score,
                    rarity=measured.rarity(score),
                    same_person=one_person.under(persons, row, other),
                    mutual=rank == 0 and int(found.rows[other, 0]) == row,
                )
                for rank, (score, other) in enumerate(zip(*found.of(row), strict=True))
            ]
            yield PersonRow(persons.names[row], persons.count(row), float(persons.hubness[row]), nearest)
