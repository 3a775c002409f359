"""Suspects: labels and photos that the owner of a gallery should check, the most suspect first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from niteru.indexer.ask.catalogued import Catalogued
from niteru.indexer.ask.compared import Rows, best_faces
from niteru.indexer.ask.duplicates import copies
from niteru.indexer.ask.neighbours import Neighbours
from niteru.indexer.ask.persons import Persons, mean_of
from niteru.indexer.ask.resemblance import Scale
from niteru.indexer.ask.same_person_band import SamePersonBand
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.hubness import hubs as hub_rows
from niteru.indexer.generations.index.faiss_library import faiss

Kind = Literal["split", "moved", "mixed", "duplicate", "hub", "poor"]
_ODD = 0.25
"""Share of all faces, those least like the others of their person, among which misplaced ones are sought."""
_FITTING = 0.1
"""Share of all faces less like their person than the level from which a face fits a person."""
_LEAST_FACES = 3
"""Photos of a person below which nothing shows which of them is the wrong one."""
MOST_SPLIT = 10_000
"""Pairs of names that are told: where people have one photo, strangers are as alike, the more of them the oftener."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A label or photo to check.

    Attributes:
        kind: ``split``, one person under two names; ``moved``, a photo of somebody else; ``mixed``, two people under
            one name; ``duplicate``, nearly the same picture twice; ``hub``, somebody who is a little like everybody;
            ``poor``, a face of doubtful quality.
        person, photo: what is suspect; the photo is empty where a whole person is.
        other_person, other_photo: what it is compared with; for poor faces the reasons, ``too_small`` and so on.
        similarity, rarity: of the two, as a cosine and as the share of pairs of people that are as alike; rarity is 1
            where it says nothing, and similarity is the hubness of a hub.
        score: within its kind, higher is more suspect.
        faces: ids of the faces that show it.
    """

    kind: Kind
    person: str
    photo: str
    other_person: str
    other_photo: str
    similarity: float
    rarity: float
    score: float
    faces: tuple[int, ...]


def suspects(
    gallery: Gallery, everyone: Persons, known: Catalogued, found: Neighbours, measured: Scale, band: SamePersonBand
) -> list[Suspect]:
    """Find all suspects among some people, or everyone: by kind, the most suspect of each first.

    Args:
        gallery: of the people.
        everyone: all of them.
        known: those who are looked at.
        found: their nearest.
        measured: how rarely two people are as alike.
        band: tells who may be one person.
    """
    if not len(known.persons):
        return []
    faces, pairs = _Faces(known), found.pairs()
    doubled = pairs[band.holds(known.persons, *pairs.T)]
    by_kind = (
        split(faces, doubled, measured),
        moved(faces, doubled),
        mixed(faces, measured),
        duplicates(gallery, faces, pairs),
        hubs(faces, found, {everyone.names[row] for row in hub_rows(everyone.hubness)}),
        poor(known),
    )
    return [one for kind in by_kind for one in sorted(kind, key=lambda one: (-one.score, one.person, one.photo))]


class _Faces:
    """All faces of some people, by row.

    Attributes:
        owner: row of each face's person, int64 (n,).
        own: similarity of each face to the others of its person, float32 (n,); -1 where those are too few.
    """

    def __init__(self, known: Catalogued) -> None:
        self.persons = persons = known.persons
        self.photos = known.photos
        self.owner = np.repeat(np.arange(len(persons)), persons.counts)
        self.own = np.full(len(persons.faces), -1, np.float32)
        for person in np.flatnonzero(persons.counts >= _LEAST_FACES).tolist():
            mine = persons.faces[persons.rows(person)]
            others = mine.sum(axis=0) - mine
            self.own[persons.rows(person)] = np.einsum("ij,ij->i", mine, others) / np.linalg.norm(others, axis=1)

    def like_their_own(self, share: float) -> float:
        """Similarity to their person that all but a share of faces exceed; 1 where nobody has enough faces."""
        known = self.own[self.own > -1]
        return float(np.quantile(known, share)) if len(known) else 1.0

    def pair(self, kind: Kind, one: int, other: int, similarity: float, score: float, rarity: float = 1.0) -> Suspect:
        """Suspect that two faces show, by their rows."""
        person, other_person = (self.persons.names[self.owner[row]] for row in (one, other))
        ids = tuple(int(self.persons.face_ids[row]) for row in (one, other))
        photos = self.photos[one], self.photos[other]
        return Suspect(kind, person, photos[0], other_person, photos[1], similarity, rarity, score, ids)


def split(faces: _Faces, doubled: Rows, measured: Scale) -> Iterator[Suspect]:
    """Pairs of names as alike as one person's photos are, int64 (m, 2); of very many the most alike."""
    persons, scores = faces.persons, faces.persons.score(*doubled.T)
    some = np.sort(np.argsort(-scores, kind="stable")[:MOST_SPLIT])
    best = best_faces(persons, *doubled[some].T)
    shown = zip(best.mine.tolist(), best.theirs.tolist(), best.cosines.tolist(), scores[some].tolist(), strict=True)
    for mine, theirs, cosine, score in shown:
        yield faces.pair("split", mine, theirs, cosine, score, measured.rarity(score))


def moved(faces: _Faces, doubled: Rows) -> Iterator[Suspect]:
    """Photos nearer to somebody else than to the other photos of their own person.

    Pairs of names that may be one person are left out, for all of their photos are as near to one as to the other.
    """
    persons, fitting = faces.persons, faces.like_their_own(_FITTING)
    rows = np.flatnonzero((faces.own > -1) & (faces.own <= faces.like_their_own(_ODD)))
    if not len(rows) or len(persons) < 2:
        return
    scores, people = faiss.knn(persons.faces[rows], persons.vectors, 2, metric=faiss.METRIC_INNER_PRODUCT)
    rank = (people[:, 0] == faces.owner[rows]).astype(np.int64)  # the nearest, or the next where that is its own person
    nearest, similarities = people[np.arange(len(rows)), rank], scores[np.arange(len(rows)), rank]
    near = similarities >= np.maximum(np.float64(fitting), faces.own[rows])
    strayed = near & ~np.isin(
        _keys(faces.owner[rows], nearest, len(persons)), _keys(doubled[:, 0], doubled[:, 1], len(persons))
    )
    for row, person, similarity in zip(*(of[strayed].tolist() for of in (rows, nearest, similarities)), strict=True):
        best = int(persons.starts[person] + (persons.faces[persons.rows(person)] @ persons.faces[row]).argmax())
        yield faces.pair("moved", row, best, similarity, similarity - float(faces.own[row]))


def _keys(one: Rows, other: Rows, number: int) -> Rows:
    """A number for each pair of so many people, in whichever order."""
    return np.minimum(one, other) * number + np.maximum(one, other)


def mixed(faces: _Faces, measured: Scale) -> Iterator[Suspect]:
    """Names with two groups of photos, each close in itself, about as far from one another as strangers are."""
    persons, fitting = faces.persons, faces.like_their_own(_FITTING)
    strangers = float(np.median(measured.scores)) if len(measured.scores) else 0.0
    for person in np.flatnonzero(persons.counts >= 2 * _LEAST_FACES).tolist():
        mine, first = persons.faces[persons.rows(person)], int(persons.starts[person])
        group = _two_groups(mine)
        smaller, larger = sorted((group, ~group), key=np.count_nonzero)
        if np.count_nonzero(smaller) < _LEAST_FACES:
            continue
        means = [mean_of(mine[some]) for some in (smaller, larger)]
        apart = float(means[0] @ means[1])
        close = min(float(np.median(mine[some] @ mean)) for some, mean in zip((smaller, larger), means, strict=True))
        if close >= fitting and apart <= (strangers + fitting) / 2:
            one, other = (first + int(some.argmax()) for some in (smaller, larger))
            yield faces.pair("mixed", one, other, apart, close - apart)


def duplicates(gallery: Gallery, faces: _Faces, pairs: Rows) -> Iterator[Suspect]:
    """Pairs of nearly the same picture, except moments of one video."""
    for pair in copies(gallery, faces.persons, pairs):
        if faces.photos[pair.one] != faces.photos[pair.other]:
            cosine = float(faces.persons.faces[pair.one] @ faces.persons.faces[pair.other])
            yield faces.pair("duplicate", pair.one, pair.other, cosine, pair.correlation)


def hubs(faces: _Faces, found: Neighbours, names: set[str]) -> Iterator[Suspect]:
    """People who are a little like everybody; the score is the number of people they are among the nearest of."""
    persons = faces.persons
    lists = np.bincount(found.rows.ravel(), minlength=len(persons))
    for person in (row for row, name in enumerate(persons.names) if name in names):
        row, near = persons.portrait(person), float(persons.hubness[person])
        face = int(persons.face_ids[row])
        yield Suspect("hub", persons.names[person], faces.photos[row], "", "", near, 1.0, int(lists[person]), (face,))


def poor(known: Catalogued) -> Iterator[Suspect]:
    """Faces of doubtful quality, scored by the number of reasons."""
    for face in known.poor:
        reasons = " ".join(face.quality)
        score = len(face.quality) + 1 - face.score
        yield Suspect("poor", str(face.person), face.photo, "", reasons, 0.0, 1.0, score, (face.id,))


def _two_groups(faces: NDArray[np.float32], rounds: int = 10) -> NDArray[np.bool_]:
    """Split faces in two by spherical 2-means, begun from two distant ones; bool (n,)."""
    one = int((faces @ faces.mean(axis=0)).argmin())
    centres = faces[[one, int((faces @ faces[one]).argmin())]]
    groups = np.zeros(len(faces), np.bool_)
    for _ in range(rounds):
        groups = np.asarray(faces @ centres[0] > faces @ centres[1])
        if groups.all() or not groups.any():
            break
        centres = np.stack([faces[groups].mean(axis=0), faces[~groups].mean(axis=0)])
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    return groups


def kinds(found: Iterable[Suspect]) -> dict[str, list[Suspect]]:
    """Group suspects by kind, in the order in which they come."""
    by_kind: dict[str, list[Suspect]] = {}
    for one in found:
        by_kind.setdefault(one.kind, []).append(one)
    return by_kind
