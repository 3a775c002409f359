"""Look-alikes of a face: other people, one row for each, with the rarity of the resemblance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.indexer.ask.ages import Ageless, Ages
from niteru.indexer.ask.eligible import eligible
from niteru.indexer.ask.how_sure import Interval, interval, usual_spread, variance_of
from niteru.indexer.ask.rarity_in_words import only_common
from niteru.indexer.ask.same_person import NEAR_DUPLICATE, SamePerson
from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.gallery import GalleryReader
from niteru.indexer.generations.generation import Nearest

FACES_SHOWN = 3

Mode = Literal["lookalike", "all"]
By = Literal["person", "face"]


@dataclass(frozen=True, slots=True)
class FaceMatch:
    """A face of the gallery and its similarity to the probe."""

    face: FaceRow
    similarity: float


@dataclass(frozen=True, slots=True)
class LookAlike:
    """One row of an answer: a person with their nearest faces, or a single face.

    Attributes:
        person: name.
        similarity: of the nearest face; to a person who was asked about, the score of the two.
        rarity: share of pairs of different people that are at least as alike.
        likely: interval of the rarity, by what is known of the photos of the two.
        hits: faces, the most similar first.
        same_person: whether it may be the probe's own person, see :class:`niteru.indexer.ask.same_person.SamePerson`.
        related: whether the probe's person and this one belong to one family.
    """

    person: str
    similarity: float
    rarity: float
    likely: Interval
    hits: list[FaceMatch]
    same_person: bool = False
    related: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of an answer, the most similar first.

    Attributes:
        results: the rows.
        rarest: the smallest rarity that this gallery can tell.
        passing: number of people who may be in it; None if anybody may.
        relatives: number of relatives who were left out; None if they were not.
        ageless: who is at the ages that were asked about, and who has none; None if no ages were.
    """

    results: list[LookAlike]
    rarest: float
    passing: int | None = None
    relatives: int | None = None
    ageless: Ageless | None = None

    @property
    def nobody_alike(self) -> bool:
        """Whether even the nearest is no more alike than many pairs of people are."""
        first = self.results[0] if self.results else None
        return first is not None and not first.same_person and only_common(first.rarity, self.rarest)


@dataclass(frozen=True, slots=True)
class Wish:
    """Kind of answer that is wanted; what each means: see :class:`Question`."""

    k: int = 10
    by: By = "person"
    mode: Mode = "lookalike"
    max_rarity: float | None = None
    where: tuple[str, ...] = ()
    only: frozenset[int] | None = None
    ages: Ages | None = None
    not_related: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A probe's vector, and the kind of answer requested.

    Attributes:
        vector: unit vector, float32 (dimension,).
        person_id: the probe's own person, if it has one.
        k: number of rows.
        by: one row for each ``person``, or for each ``face``.
        mode: ``lookalike`` leaves the own person out; ``all`` does not.
        max_rarity: leave out resemblances that are more common.
        agreement: mean similarity to the vector of the faces that it was made of; 1 for one face.
        photos: unit vectors of these faces, float32 (n, dimension); None for one face.
        blur: of the photos on average, see :func:`niteru.engine.faces.quality.blur_of`; None if it is not known.
        where: conditions on the columns of people, all of which those in the answer meet, see
            :mod:`niteru.indexer.generations.where`.
        only: ids of the people who may be in the answer; None for anybody.
        ages: at which people are shown on the photos that are searched; None for all photos.
        not_related: leave out those who belong to a family with the probe's own person.
    """

    vector: NDArray[np.float32]
    person_id: int | None = None
    k: int = 10
    by: By = "person"
    mode: Mode = "lookalike"
    max_rarity: float | None = None
    agreement: float = 1.0
    photos: Vectors | None = None
    blur: float | None = None
    where: tuple[str, ...] = ()
    only: frozenset[int] | None = None
    ages: Ages | None = None
    not_related: bool = False


def ask(gallery: GalleryReader, question: Question) -> Answer:
    """Search the current generation, and check what it finds against the catalogue.

    Raises:
        BadCondition: one of the conditions names no column, or a range that is none.

    Example:
        >>> import contextlib
        >>> from pathlib import Path
        >>> from niteru.engine.drawn import write_people
        >>> from niteru.indexer.gallery import Gallery
        >>> from niteru.indexer.update.enrol import update
        >>> drawn = list(write_people(Path("photos"), people=5, photos=3))      # five people who do not exist
        >>> summary = update("gallery", "photos")
        >>> with contextlib.closing(Gallery("gallery")) as gallery:
        ...     face = gallery.resolve("José/José_0001.jpg")
        ...     answer = ask(gallery, Question(gallery.vector(face.id), k=3, mode="all"))
        >>> answer.results[0].person, round(answer.results[0].similarity, 3), len(answer.results)
        ('José', 1.0, 3)
    """
    lookalike = question.mode == "lookalike"
    excluded = question.person_id if lookalike else None
    generation = gallery.generation
    relatives = generation.columns.lives.relatives(question.person_id) if question.not_related else set()
    people = eligible(generation, question.where, question.only, relatives)
    faces = None if question.ages is None else question.ages.faces(generation)
    wanted = question.k * 8
    while True:
        found = generation.nearest(question.vector, wanted, excluded, people, faces)
        answer = _answer(gallery, question, _hits(gallery, question, found))
        exhausted = len(found.face_ids) < wanted or wanted >= generation.faces
        if exhausted or len(answer.results) >= question.k or _beyond(gallery, question, found.similarities):
            return replace(
                answer,
                passing=None if people is None else len(people),
                relatives=len(relatives) if question.not_related else None,
                ageless=None if question.ages is None else Ageless.of(generation, question.ages),
            )
        # A few people with many photos each fill the list: search deeper.
        wanted *= 4


def _hits(gallery: GalleryReader, question: Question, found: Nearest) -> list[FaceMatch]:
    """The faces to show of the first people, as the catalogue has them now.

    It is asked for those alone, unless one of them has changed since the generation was published: it may have been
    deleted, have lost its label to another face of its photo, or have been named.
    """
    few = found.only(_shown(gallery, question, found.face_ids.tolist(), found.person_ids.tolist()))
    hits = _labelled(gallery, few)
    if [hit.face.person_id for hit in hits] == few.person_ids.tolist():
        return hits
    hits = [hit for hit in _labelled(gallery, found) if not _is_own(question, hit.face)]
    shown = _shown(gallery, question, [hit.face.id for hit in hits], [hit.face.person_id or 0 for hit in hits])
    return [hits[row] for row in shown]


def _shown(gallery: GalleryReader, question: Question, faces: list[int], people: list[int]) -> list[int]:
    """Rows, ascending, of the first few different faces of each of as many people, or faces, as are wanted."""
    rows: dict[int, list[int]] = {}
    for row, owner in enumerate(faces if question.by == "face" else people):
        if owner in rows or len(rows) < question.k:
            rows.setdefault(owner, []).append(row)
    if not rows:
        return []
    vectors = gallery.generation.vectors(faces)
    return sorted(theirs[row] for theirs in rows.values() for row in first_different(vectors[theirs]))


def _labelled(gallery: GalleryReader, found: Nearest) -> list[FaceMatch]:
    """Those of the faces that the catalogue has, and knows whose they are."""
    ids = found.face_ids.tolist()
    known = gallery.queries.faces(ids)
    return [
        FaceMatch(known[face], similarity)
        for similarity, face in zip(found.similarities.tolist(), ids, strict=True)
        if face in known and known[face].person is not None
    ]


def _beyond(gallery: GalleryReader, question: Question, similarities: NDArray[np.float32]) -> bool:
    """Whether everything further away is more common than the question allows."""
    limit = question.max_rarity
    return limit is not None and gallery.generation.calibration.rarity(float(similarities[-1])) > limit


def _answer(gallery: GalleryReader, question: Question, hits: list[FaceMatch]) -> Answer:
    groups: dict[object, list[FaceMatch]] = {}
    for hit in hits:
        groups.setdefault(hit.face.person if question.by == "person" else hit.face.id, []).append(hit)
    calibration, test = gallery.generation.calibration, SamePerson.by_faces(gallery.generation)
    results, lives = list[LookAlike](), gallery.generation.columns.lives
    for group in groups.values():  # the most similar first
        best = group[0].similarity
        same = test.holds(best, question.agreement)
        rarity = calibration.rarity(best)
        if len(results) == question.k or (question.max_rarity is not None and rarity > question.max_rarity):
            break
        likely = interval(calibration.rarity, best, _variance(gallery, question, group[0]))
        related = lives.related(question.person_id, group[0].face.person_id)
        results.append(LookAlike(str(group[0].face.person), best, rarity, likely, group, same, related))
    return Answer(results, calibration.floor)


def _variance(gallery: GalleryReader, question: Question, nearest: FaceMatch) -> float:
    """Variance of a similarity to a person's nearest face, or to one face: of the probe's photos and of theirs."""
    calibration, alike = gallery.generation.calibration, np.array([nearest.similarity], np.float32)
    photos = 1 if question.by == "face" else _photos_of(gallery, question, nearest.face.person_id or 0)
    theirs = variance_of(alike, usual_spread(calibration, nearest.face), max(photos, 1))
    if question.photos is not None:
        # The mean of several unit vectors is shorter than they are; scaled to their length its similarities grow.
        alike = question.photos @ gallery.generation.vectors([nearest.face.id])[0] / question.agreement
    return variance_of(alike, calibration.spread_of(question.blur)) + theirs


def _photos_of(gallery: GalleryReader, question: Question, person: int) -> int:
    """Number of a person's faces among those that are searched."""
    generation = gallery.generation
    if question.ages is None:
        return generation.faces_of(person)
    return int((question.ages.contain(generation.ages) & (generation.person_ids == person)).sum())


def _is_own(question: Question, face: FaceRow) -> bool:
    return question.mode == "lookalike" and question.person_id is not None and face.person_id == question.person_id


def first_different(vectors: Vectors) -> list[int]:
    """Rows of the first few of a person's faces, with near-duplicates left out.

    Args:
        vectors: unit vectors of the faces, the one to show first in the first row, float32 (n, dimension), n ≥ 1.
    """
    first = vectors[:FACES_SHOWN]
    if np.count_nonzero(first @ first.T > NEAR_DUPLICATE) == len(first):  # each is like itself alone
        return [*range(len(first))]
    shown: list[int] = []
    for row, vector in enumerate(vectors):
        if not (vectors[shown] @ vector > NEAR_DUPLICATE).any():
            shown.append(row)
        if len(shown) == FACES_SHOWN:
            break
    return shown
