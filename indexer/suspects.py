"""Labels and photos that the owner of a gallery should look at, the most suspect first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from indexer.duplicates import copies
from indexer.gallery import Gallery
from indexer.index.faiss_index import faiss
from indexer.persons import OnePerson, Persons, mean_of
from indexer.resemblance import Neighbours, Scale

Kind = Literal["split", "moved", "mixed", "duplicate", "poor"]
_ODD = 0.25
"""The quarter of all faces that is least like the others of its person is where misplaced ones are sought."""
_FITTING = 0.1
"""All but a tenth of faces are more like their person than this: what is as like somebody else may be theirs."""
_LEAST_FACES = 3
"""With two photos of a person nobody can say which of them is the wrong one."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """Something to look at.

    Attributes:
        kind: ``split``, one person under two names; ``moved``, a photo of somebody else; ``mixed``, two people under
            one name; ``duplicate``, nearly the same picture twice; ``poor``, a face that may serve badly.
        person, photo: what is suspect; empty where it is of no single photo.
        other_person, other_photo: whom or what it is compared with; ``too_small`` and so on for poor faces.
        similarity, rarity: of the two, as a cosine and as the share of pairs of people that are as alike; rarity is 1
            where it says nothing.
        score: within its kind, bigger is more suspect.
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
    gallery: Gallery, persons: Persons, found: Neighbours, measured: Scale, one_person: OnePerson
) -> list[Suspect]:
    """All of them: by kind in the order above, the strongest first."""
    if not len(persons):
        return []
    photos = _Photos(gallery, persons)
    doubled = list(split(persons, found, measured, one_person, photos))
    told = (
        doubled,
        moved(persons, {frozenset((one.person, one.other_person)) for one in doubled}, photos),
        mixed(persons, measured, photos),
        duplicates(gallery, persons, found, photos),
        poor(gallery, persons),
    )
    return [one for kind in told for one in sorted(kind, key=lambda one: (-one.score, one.person, one.photo))]


class _Photos:
    """The photo of a row of faces."""

    def __init__(self, gallery: Gallery, persons: Persons) -> None:
        self._refs = gallery.catalog.photo_of_faces()
        self._ids = persons.face_ids

    def __getitem__(self, row: int) -> str:
        return self._refs[int(self._ids[row])]


def split(
    persons: Persons, found: Neighbours, measured: Scale, one_person: OnePerson, photos: _Photos
) -> Iterator[Suspect]:
    """Two names that are as alike as one person is to themselves."""
    for one in range(len(persons)):
        for rank, other in enumerate(found.rows[one].tolist()):
            if other < one and one in found.rows[other]:
                continue  # told already, from the other side
            mine, theirs, cosine = persons.best_pair(one, other)
            if not one_person.under(one, other, cosine):
                continue
            score = float(found.scores[one, rank])
            yield Suspect(
                "split", persons.names[one], photos[mine], persons.names[other], photos[theirs],
                cosine, measured.rarity(score), score, _ids(persons, mine, theirs),
            )  # fmt: skip


def moved(persons: Persons, doubled: set[frozenset[str]], photos: _Photos) -> Iterator[Suspect]:
    """Photos that are nearer to somebody else's than to the other photos of their own person.

    Not where the two may be one person: then all of their photos are as near to the one name as to the other.
    """
    own, owner = _fit(persons)
    known = own > -1
    if not known.any():
        return
    fitting, odd = np.quantile(own[known], [_FITTING, _ODD])
    rows = np.flatnonzero(known & (own <= odd))
    scores, people = faiss.knn(
        persons.faces[rows], persons.vectors, min(2, len(persons)), metric=faiss.METRIC_INNER_PRODUCT
    )
    for row, some_scores, some_people in zip(rows.tolist(), scores, people, strict=True):
        theirs = next((i for i, person in enumerate(some_people) if person != owner[row]), None)
        if theirs is None or some_scores[theirs] < max(fitting, own[row]):
            continue
        person, similarity = int(some_people[theirs]), float(some_scores[theirs])
        if frozenset((persons.names[owner[row]], persons.names[person])) in doubled:
            continue
        best = int(persons.starts[person] + (persons.faces[persons.rows(person)] @ persons.faces[row]).argmax())
        yield Suspect(
            "moved", persons.names[owner[row]], photos[row], persons.names[person], photos[best],
            similarity, 1.0, similarity - float(own[row]), _ids(persons, row, best),
        )  # fmt: skip


def mixed(persons: Persons, measured: Scale, photos: _Photos) -> Iterator[Suspect]:
    """Names with two groups of photos, each of one person, as far from one another as strangers are."""
    far = float(np.median(measured.scores)) if len(measured.scores) else 0.0
    own, _ = _fit(persons)
    fitting = float(np.quantile(own[own > -1], _FITTING)) if (own > -1).any() else 1.0
    for person in range(len(persons)):
        faces = persons.faces[persons.rows(person)]
        if len(faces) < 2 * _LEAST_FACES:
            continue
        groups = _two_groups(faces)
        smaller = min((groups, ~groups), key=np.count_nonzero)
        if np.count_nonzero(smaller) < _LEAST_FACES:
            continue
        means = [mean_of(faces[group]) for group in (smaller, ~smaller)]
        apart = float(means[0] @ means[1])
        close = min(
            float(np.median(faces[group] @ mean)) for group, mean in zip((smaller, ~smaller), means, strict=True)
        )
        if close < fitting or apart > far + (fitting - far) / 2:
            continue
        shown = [int(persons.starts[person] + np.flatnonzero(group)[0]) for group in (smaller, ~smaller)]
        name = persons.names[person]
        yield Suspect(
            "mixed", name, photos[shown[0]], name, photos[shown[1]], apart, 1.0, close - apart, _ids(persons, *shown)
        )


def duplicates(gallery: Gallery, persons: Persons, found: Neighbours, photos: _Photos) -> Iterator[Suspect]:
    """Nearly the same picture twice."""
    for pair in copies(gallery, persons, found):
        if photos[pair.one] == photos[pair.other]:
            continue  # two moments of one video
        one, other = (int(np.searchsorted(persons.starts, row, side="right")) - 1 for row in (pair.one, pair.other))
        cosine = float(persons.faces[pair.one] @ persons.faces[pair.other])
        yield Suspect(
            "duplicate", persons.names[one], photos[pair.one], persons.names[other], photos[pair.other],
            cosine, 1.0, pair.correlation, _ids(persons, pair.one, pair.other),
        )  # fmt: skip


def poor(gallery: Gallery, persons: Persons) -> Iterator[Suspect]:
    """Faces that may serve badly, those with the most reasons first."""
    ids = set(persons.face_ids.tolist())
    for face in gallery.catalog.poor_faces():
        if face.id in ids:
            reasons = " ".join(face.quality)
            score = len(face.quality) + 1 - face.score
            yield Suspect("poor", str(face.person), face.photo, "", reasons, 0.0, 1.0, score, (face.id,))


def _fit(persons: Persons) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """How like the other faces of its person each face is (-1 where they are too few to tell), and whose it is."""
    own = np.full(len(persons.faces), -1, np.float32)
    owner = np.repeat(np.arange(len(persons)), np.diff(persons.starts))
    for person in range(len(persons)):
        faces = persons.faces[persons.rows(person)]
        if len(faces) >= _LEAST_FACES:
            others = faces.sum(axis=0) - faces
            own[persons.rows(person)] = np.einsum("ij,ij->i", faces, others) / np.linalg.norm(others, axis=1)
    return own, owner


def _two_groups(faces: NDArray[np.float32], rounds: int = 10) -> NDArray[np.bool_]:
    """Spherical 2-means, begun from two faces that are far from one another; bool (n,)."""
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


def _ids(persons: Persons, *rows: int) -> tuple[int, ...]:
    return tuple(int(persons.face_ids[row]) for row in rows)


def kinds(found: Iterable[Suspect]) -> dict[str, list[Suspect]]:
    """By kind, in the order they come."""
    by_kind: dict[str, list[Suspect]] = {}
    for one in found:
        by_kind.setdefault(one.kind, []).append(one)
    return by_kind
