"""Resemblances between all people: how alike two of them are, how rare that is, and which faces show it.

They are kept as columns, and become objects a person at a time: a hundred thousand people have half a million of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from niteru.indexer.ask.catalogued import Catalogued
from niteru.indexer.ask.compared import Rows, best_faces, variances
from niteru.indexer.ask.how_sure import Interval, likely_similarities
from niteru.indexer.ask.neighbours import Neighbours
from niteru.indexer.ask.persons import Persons
from niteru.indexer.ask.rarity_in_words import only_common
from niteru.indexer.ask.relatives import Relatives
from niteru.indexer.ask.same_person import SamePerson
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.columns import PersonColumns

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
        return float(self.rarities(score))

    def rarities(self, scores: ArrayLike) -> NDArray[np.float64]:
        """The same of several scores, float64, in the shape of those."""
        # In the scores' own type, or NumPy would convert all of them.
        least = (np.asarray(scores, np.float64) - _ROUNDING).astype(np.float32)
        as_alike = len(self.scores) - np.searchsorted(self.scores, least, side="left")
        return np.asarray(np.maximum(as_alike, 1) * self.rarest, np.float64)


@dataclass(frozen=True, slots=True)
class ShownFace:
    """A face that shows a resemblance: its id, the ref of its photo, and its person's name."""

    id: int
    photo: str
    person: str


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

    face: ShownFace
    other: ShownFace
    similarity: float
    rarity: float
    likely: Interval
    same_person: bool
    mutual: bool
    related: bool = False

    @property
    def person(self) -> str:
        """Name of the first person."""
        return self.face.person

    @property
    def other_person(self) -> str:
        """Name of the second person."""
        return self.other.person


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


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of people as columns, those of each first person together, the most alike first.

    Attributes:
        starts: the first pair of each person, and at the end the number of all, int64 (p + 1,).
        one, other: rows of the people, int64 (m,).
        mine, theirs: rows of the faces that show them, int64 (m,).
        scores: float32 (m,).
        rarity, rarest, most_common: of the scores, and the ends of their intervals, float64 (m,).
        same_person, mutual: see :class:`Resemblance`, bool (m,).
    """

    starts: Rows
    one: Rows
    other: Rows
    mine: Rows
    theirs: Rows
    scores: NDArray[np.float32]
    rarity: NDArray[np.float64]
    rarest: NDArray[np.float64]
    most_common: NDArray[np.float64]
    same_person: NDArray[np.bool_]
    mutual: NDArray[np.bool_]

    def of(self, person: int) -> range:
        """Numbers of a person's pairs."""
        return range(int(self.starts[person]), int(self.starts[person + 1]))


class PersonRows:
    """Rows of people, sorted by name, each made when it is asked for.

    Args:
        gallery: of the people.
        known: the people, and what the catalogue says of their faces.
        found: their nearest, without relatives.
        measured: how rarely two people are as alike.
        relatives: who are told apart; the most alike of each person's are.
        max_rarity: leave out resemblances that are more common.

    Attributes:
        persons: the people.
        nearest, relatives: all of their resemblances, also those that are left out.
    """

    def __init__(
        self,
        gallery: Gallery,
        known: Catalogued,
        found: Neighbours,
        measured: Scale,
        relatives: Relatives,
        max_rarity: float = 1.0,
    ) -> None:
        self.persons, self._known, self._measured, self._most = known.persons, known, measured, max_rarity
        self._test = SamePerson.by_people(gallery.generation)
        self._said = gallery.generation.columns.by_person()
        one, rank = np.nonzero(found.rows >= 0)
        first = found.rows[:, 0] if found.rows.shape[1] else np.empty(0, np.int64)
        mutual = (rank == 0) & (first[found.rows[one, rank]] == one)
        self.nearest = self._pairs(one, found.rows[one, rank], found.scores[one, rank], mutual)
        one, other, scores = relatives.pairs(KIN_SHOWN)
        self.relatives = self._pairs(one, other, scores, np.zeros(len(one), np.bool_))

    def __len__(self) -> int:
        """Number of people."""
        return len(self.persons)

    def __iter__(self) -> Iterator[PersonRow]:
        """Everybody's row."""
        return self.of(range(len(self)))

    def of(self, people: Iterable[int]) -> Iterator[PersonRow]:
        """Rows of some people, in this order."""
        for person in people:
            near, kin = self.nearest.of(person), self.relatives.of(person)
            first = near[0] if near else None
            yield PersonRow(
                self.persons.names[person],
                int(self.persons.counts[person]),
                float(self.persons.hubness[person]),
                [self.resemblance(pair) for pair in near if self.nearest.rarity[pair] <= self._most],
                first is not None
                and not self.nearest.same_person[first]
                and only_common(float(self.nearest.rarity[first]), self._measured.rarest),
                self.said(person),
                [self.kinship(pair) for pair in kin if self.relatives.rarity[pair] <= self._most],
            )

    def said(self, person: int) -> PersonColumns:
        """What tables say of a person."""
        return self._said.get(int(self.persons.ids[person]), {})

    @cached_property
    def columns(self) -> list[str]:
        """Names of the columns that tables have of these people, sorted."""
        return sorted({name for person in self.persons.ids.tolist() for name in self._said.get(person, ())})

    def resemblance(self, pair: int) -> Resemblance:
        """One of the nearest, by its number."""
        return self._resemblance(self.nearest, pair, related=False)

    def kinship(self, pair: int) -> Resemblance:
        """One of the relatives, by its number."""
        return self._resemblance(self.relatives, pair, related=True)

    def most_alike(self) -> Rows:
        """Numbers of the nearest pairs that are rare enough, each once, as its first person has it; best first."""
        rare = np.flatnonzero(self.nearest.rarity <= self._most)
        return self._best_once(self.nearest, rare[~self.nearest.same_person[rare]])

    def closest_kin(self) -> Rows:
        """Numbers of the pairs of relatives that are rare enough, each once, as its last person has it; best first."""
        return self._best_once(self.relatives, np.flatnonzero(self.relatives.rarity <= self._most)[::-1])

    def _best_once(self, pairs: Pairs, some: Rows) -> Rows:
        one, other = pairs.one[some], pairs.other[some]
        _, once = np.unique(np.minimum(one, other) * len(self) + np.maximum(one, other), return_index=True)
        kept = np.sort(some[once])
        return kept[np.argsort(-pairs.scores[kept], kind="stable")]

    def _resemblance(self, pairs: Pairs, pair: int, *, related: bool) -> Resemblance:
        return Resemblance(
            face=self._face(pairs.one[pair], pairs.mine[pair]),
            other=self._face(pairs.other[pair], pairs.theirs[pair]),
            similarity=float(pairs.scores[pair]),
            rarity=float(pairs.rarity[pair]),
            likely=Interval(float(pairs.rarest[pair]), float(pairs.most_common[pair])),
            same_person=bool(pairs.same_person[pair]),
            mutual=bool(pairs.mutual[pair]),
            related=related,
        )

    def _face(self, person: int, face: int) -> ShownFace:
        return ShownFace(int(self.persons.face_ids[face]), self._known.photos[face], self.persons.names[person])

    def _pairs(self, one: Rows, other: Rows, scores: NDArray[np.float32], mutual: NDArray[np.bool_]) -> Pairs:
        persons, spreads, rarity = self.persons, self._known.spreads, self._measured.rarities
        starts = np.searchsorted(one, np.arange(len(persons) + 1))
        shown = best_faces(persons, one, other)
        variance = variances(persons, one, other, (spreads[shown.mine], spreads[shown.theirs]))
        least, most = likely_similarities(scores.astype(np.float64), variance)
        return Pairs(
            starts,
            one,
            other,
            shown.mine,
            shown.theirs,
            scores,
            rarity(scores),
            rarity(most),
            rarity(least),
            persons.may_be_one(self._test, one, other),
            mutual,
        )
