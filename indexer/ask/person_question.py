"""Look-alikes of a person by all of their photos: the list that the report has of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from niteru.engine import Vectors
from niteru.indexer.ask.ages import Ageless
from niteru.indexer.ask.eligible import eligible
from niteru.indexer.ask.how_sure import interval, usual_spread
from niteru.indexer.ask.lookalike import Answer, FaceMatch, LookAlike, Wish, first_different
from niteru.indexer.ask.persons import variance_of_side
from niteru.indexer.ask.same_person import SamePerson
from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.gallery import GalleryReader

if TYPE_CHECKING:
    from niteru.indexer.ask.published_people import PublishedPeople

_SPARE = 3
"""People examined beyond those requested: some may be gone since publication."""
_EXAMINED = 24
"""Nearest faces of a person that the catalogue is asked for."""


def ask_about_person(gallery: GalleryReader, people: PublishedPeople, person: int, wish: Wish) -> Answer:
    """Find the people most like a person, in the report's order, and check them against the catalogue.

    Args:
        gallery: the gallery to ask.
        people: of its generation, or as they are at the ages that are asked about; the person among them.
        person: id of whom is asked about.
        wish: what is wanted; its ``by`` does not count.

    Raises:
        BadCondition: one of the conditions names no column, or a range that is none.
    """
    relatives = gallery.generation.columns.lives.relatives(person) if wish.not_related else set()
    some = eligible(gallery.generation, wish.where, wish.only, relatives)
    passing = None if some is None else set(some.tolist())
    row, wanted = people.rows[person], wish.k + _SPARE if passing is None else len(people)
    while True:
        scores, others = people.nearest(row, wanted)
        found = list(zip(scores, others, strict=True))
        if wish.mode == "all":
            found = sorted([*found, (people.with_oneself(row), row)], key=lambda one: (-one[0], one[1]))
        if passing is not None:
            found = [(score, other) for score, other in found if int(people.ids[other]) in passing]
        results = _results(gallery, people, row, wish, found)
        if len(results) >= wish.k or wanted >= len(people) - 1 or _beyond(people, wish, scores):
            return Answer(
                results[: wish.k],
                people.measured.rarest,
                None if passing is None else len(passing),
                len(relatives) if wish.not_related else None,
                None if wish.ages is None else Ageless.of(gallery.generation, wish.ages),
            )
        wanted *= 4


def _beyond(people: PublishedPeople, wish: Wish, scores: list[float]) -> bool:
    return wish.max_rarity is not None and people.measured.rarity(scores[-1]) > wish.max_rarity


def _results(
    gallery: GalleryReader, people: PublishedPeople, row: int, wish: Wish, found: list[tuple[float, int]]
) -> list[LookAlike]:
    generation = gallery.generation
    own, test = generation.vectors(people.faces_of(row)), SamePerson.by_people(generation)
    results, lives = list[LookAlike](), generation.columns.lives
    for score, other in found:
        rarity = people.measured.rarity(score)
        if len(results) == wish.k or (wish.max_rarity is not None and rarity > wish.max_rarity):
            break
        pair = _Pair(gallery, people, row, other, own, generation.vectors(people.faces_of(other)))
        hits = pair.hits()
        if hits:
            agreement = float(people.agreement[row] * people.agreement[other])
            same = test.holds(people.cosine(row, other), agreement)
            likely = interval(people.measured.rarity, score, pair.variance(hits[0].face))
            related = lives.related(int(people.ids[row]), int(people.ids[other]))
            shown = [hits[one] for one in first_different(generation.vectors([hit.face.id for hit in hits]))]
            results.append(LookAlike(str(hits[0].face.person), score, rarity, likely, shown, same, related))
    return results


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """Two people by their rows, and the unit vectors of the faces of both, float32 (n, dimension), (m, dimension)."""

    gallery: GalleryReader
    people: PublishedPeople
    row: int
    other: int
    own: Vectors
    theirs: Vectors

    def hits(self) -> list[FaceMatch]:
        """Faces of the other, those nearest to any of one's own first; without those gone or somebody else's."""
        ids = self.people.faces_of(self.other)
        alike = (self.own @ self.theirs.T).max(axis=0)
        nearest = np.argsort(-alike, kind="stable")[:_EXAMINED]
        known = self.gallery.queries.faces(ids[nearest].tolist())
        return [
            FaceMatch(known[face], float(similarity))
            for face, similarity in zip(ids[nearest].tolist(), alike[nearest], strict=True)
            if face in known and known[face].person_id == self.people.ids[self.other]
        ]

    def variance(self, shown: FaceRow) -> float:
        """Variance of the two people's similarity; ``shown`` is the other's face that is nearest to one's own."""
        people, calibration = self.people, self.gallery.generation.calibration
        place = int(np.flatnonzero(people.faces_of(self.other) == shown.id)[0])
        mine = int(people.faces_of(self.row)[int((self.own @ self.theirs[place]).argmax())])
        known = self.gallery.queries.faces([mine]).get(mine)
        usual = calibration.spread_of() if known is None else usual_spread(calibration, known)
        one, other = people.vector(self.row), people.vector(self.other)
        theirs = variance_of_side(self.theirs, other, one, usual_spread(calibration, shown))
        return variance_of_side(self.own, one, other, usual) + theirs
