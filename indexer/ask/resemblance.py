"""Resemblances between all people: how alike two of them are, how rare that is, and which faces show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from niteru.indexer.ask.how_sure import Interval, interval, usual_spread
from niteru.indexer.ask.neighbours import Neighbours
from niteru.indexer.ask.persons import Persons
from niteru.indexer.ask.rarity_in_words import only_common
from niteru.indexer.ask.relatives import Relatives
from niteru.indexer.ask.same_person import SamePerson
from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.columns import PersonColumns

_AT_A_TIME = 256
"""People whose faces are read from the catalogue at once."""
KIN_SHOWN = 20
"""Relatives told of each person at most."""
COMPARED_PAIRS = 2_000_000
_ROUNDING = 1e-5
"""Difference below which two scores are one, computed in two ways."""


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Distribution of the scores of two people in a gallery: ascending, of all pairs or of two million of them."""

    scores: NDArray[np.float32]

    @property
    def rarest(self) -> float:
        """The smallest rarity that is ever told: that of one pair."""
        return 1 / max(len(self.scores), 1)

    def rarity(self, score: float) -> float:
        """Share of pairs of people at least this alike, in (0, 1]; never below one pair.

        Two faces have a curve of their own, :meth:`niteru.indexer.generations.rarity_calibration.Calibration.rarity`.
        """
        least = np.float32(score - _ROUNDING)  # in the scores' own type, or NumPy would convert all of them
        as_alike = len(self.scores) - int(np.searchsorted(self.scores, least, side="left"))
        return max(as_alike, 1) * self.rarest


@dataclass(frozen=True, slots=True)
class Resemblance:
    """Resemblance of two people, shown by their two most similar faces.

    Attributes:
        face, other: those faces.
        similarity: of the two people, see :meth:`niteru.indexer.ask.persons.Persons.score`.
        rarity: share of all pairs of people that are at least as alike.
        likely: interval of the rarity, by what is known of the photos of the two.
        same_person: whether the two may be one person, see :class:`~niteru.indexer.ask.same_person.SamePerson`.
        mutual: whether each is the other's nearest.
        related: whether the two belong to one family.
    """

    face: FaceRow
    other: FaceRow
    similarity: float
    rarity: float
    likely: Interval
    same_person: bool
    mutual: bool
    related: bool = False

    @property
    def person(self) -> str:
        """Name of the first person."""
        return str(self.face.person)

    @property
    def other_person(self) -> str:
        """Name of the second person."""
        return str(self.other.person)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person with their hubness and the people most like them, the most alike first.

    ``nobody_alike``: even the nearest is no more alike than many pairs of people are. ``columns``: what tables say of
    the person. ``relatives``: the people of their family, the most alike first, who are not among the nearest.
    """

    person: str
    faces: int
    hubness: float
    nearest: list[Resemblance]
    nobody_alike: bool = False
    columns: PersonColumns = field(default_factory=dict)
    relatives: list[Resemblance] = field(default_factory=list)


def scale(persons: Persons, seed: int = 0) -> Scale:
    """Score all pairs of people, or two million random ones where there are more."""
    number = len(persons)
    if number * (number - 1) // 2 <= COMPARED_PAIRS:
        one, other = np.triu_indices(number, 1)
    else:
        one, other = np.random.default_rng(seed).integers(0, number, (2, COMPARED_PAIRS))
        one, other = one[one != other], other[one != other]
    blocks = zip(np.array_split(one, 64), np.array_split(other, 64), strict=True)
    return Scale(np.sort(np.concatenate([persons.score(some, others) for some, others in blocks])))


def person_rows(
    gallery: Gallery, persons: Persons, found: Neighbours, measured: Scale, relatives: Relatives
) -> Iterator[PersonRow]:
    """Rows of all people, sorted by name, with the faces that show whom they look like.

    Args:
        gallery: of the people.
        persons: the people.
        found: their nearest, without relatives.
        measured: how rarely two people are as alike.
        relatives: who are told apart; the most alike of each person's are.
    """
    said = gallery.generation.columns.by_person()
    for start in range(0, len(persons), _AT_A_TIME):
        some = range(start, min(start + _AT_A_TIME, len(persons)))
        near, kin = ({row: of(row) for row in some} for of in (found.of, lambda row: relatives.nearest(row, KIN_SHOWN)))
        pairs = _Pairs(gallery, persons, measured, {row: near[row][1] + kin[row][1] for row in some})
        for row in some:
            nearest = [
                pairs.resemblance(row, score, other, mutual=rank == 0 and int(found.rows[other, 0]) == row)
                for rank, (score, other) in enumerate(zip(*near[row], strict=True))
            ]
            family = [pairs.resemblance(row, *one, related=True) for one in zip(*kin[row], strict=True)]
            first = nearest[0] if nearest else None
            common = bool(first and not first.same_person and only_common(first.rarity, measured.rarest))
            name, columns = persons.names[row], said.get(int(persons.ids[row]), {})
            hubness = float(persons.hubness[row])
            yield PersonRow(name, persons.count(row), hubness, nearest, common, columns, family)


class _Pairs:
    """Resemblances of some people, with the faces that show them.

    Args:
        gallery, persons, measured: see :func:`person_rows`.
        others: rows of those with whom each is shown, by row.
    """

    def __init__(self, gallery: Gallery, persons: Persons, measured: Scale, others: Mapping[int, list[int]]) -> None:
        self._persons, self._measured = persons, measured
        self._test, self._calibration = SamePerson.by_people(gallery.generation), gallery.generation.calibration
        self._shown = {
            (row, other): [int(persons.face_ids[face]) for face in persons.best_pair(row, other)[:2]]
            for row, some in others.items()
            for other in some
        }
        self._known = gallery.catalog.queries.faces(face for pair in self._shown.values() for face in pair)

    def resemblance(
        self, row: int, score: float, other: int, *, mutual: bool = False, related: bool = False
    ) -> Resemblance:
        """The resemblance of two people by their rows."""
        face, theirs = (self._known[one] for one in self._shown[row, other])
        spreads = usual_spread(self._calibration, face), usual_spread(self._calibration, theirs)
        rarity = self._measured.rarity
        return Resemblance(
            face=face,
            other=theirs,
            similarity=score,
            rarity=rarity(score),
            likely=interval(rarity, score, self._persons.variance(row, other, spreads)),
            same_person=self._persons.may_be_one(self._test, row, other),
            mutual=mutual,
            related=related,
        )
