"""Everybody of a generation as one vector each: what is compared where all are compared with all.

Of the ways to compare two people by their faces, means and medians rank relatives best: AUC .788 over 400 people of
Families in the Wild with a relative among 712, beside .777 by the two most alike faces (docs/report.md). They cost a
hundredth, too, and a person with many photos is no nearer to everybody by chance.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.embedding.pooling import robust_mean
from niteru.indexer.ask.lookalike import NEAR_DUPLICATE
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.calibration import LEAST_GENUINE, Calibration
from niteru.indexer.generations.generation import Generation, GenerationUnusable
from niteru.indexer.generations.hubness import hubness

DAMPING = 0.25
"""How much of the hubness of both is taken off: a relative is then in the first 5 % for .765 instead of .757."""

_BLOCK = 1_024
_LEAST_TO_HALVE = 4
_RARELY = 0.02
"""Of the halves of one person, so many are less alike than the level: some labels are wrong, some people change."""


@dataclass(frozen=True, eq=False)
class Persons:
    """People in the order of their names; the faces of each lie beside one another.

    Attributes:
        ids, names: of people, int64 (p,) and strings.
        vectors: robust mean of each one's photos, near-duplicates folded; unit, float32 (p, dimension).
        hubness: how much nearer than usual others are to each, float32 (p,).
        starts: first row of each one's faces, and the number of faces behind the last; int64 (p + 1,).
        face_ids, faces: of faces, int64 (n,) and unit vectors, float32 (n, dimension).
    """

    ids: NDArray[np.int64]
    names: list[str]
    vectors: Vectors
    hubness: NDArray[np.float32]
    starts: NDArray[np.int64]
    face_ids: NDArray[np.int64]
    faces: Vectors

    def __len__(self) -> int:
        """Number of people."""
        return len(self.ids)

    def rows(self, person: int) -> slice:
        """Which faces are a person's."""
        return slice(int(self.starts[person]), int(self.starts[person + 1]))

    def only(self, names: Collection[str]) -> Persons:
        """Some of them, as crowded as they are among all."""
        kept = [row for row, name in enumerate(self.names) if name in names]
        faces = np.concatenate([np.arange(*self.starts[row : row + 2]) for row in kept] or [np.empty(0, np.int64)])
        counts = [self.count(row) for row in kept]
        return Persons(
            ids=self.ids[kept],
            names=[self.names[row] for row in kept],
            vectors=self.vectors[kept],
            hubness=self.hubness[kept],
            starts=np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]),
            face_ids=self.face_ids[faces],
            faces=self.faces[faces],
        )

    def count(self, person: int) -> int:
        """How many faces a person has."""
        return int(self.starts[person + 1] - self.starts[person])

    def score(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float32]:
        """How alike people are: the cosine of their vectors, less a share of how crowded both are; float32."""
        cosines = np.einsum("ij,ij->i", self.vectors[one], self.vectors[other])
        return np.asarray(cosines - DAMPING * (self.hubness[one] + self.hubness[other]), np.float32)

    def portrait(self, person: int) -> int:
        """Row of the face that is most like all of a person's."""
        return int(self.starts[person] + (self.faces[self.rows(person)] @ self.vectors[person]).argmax())

    def best_pair(self, one: int, other: int) -> tuple[int, int, float]:
        """Rows of the two faces of two people that are most alike, and their cosine."""
        cosines = self.faces[self.rows(one)] @ self.faces[self.rows(other)].T
        mine, theirs = np.unravel_index(int(cosines.argmax()), cosines.shape)
        return int(self.starts[one] + mine), int(self.starts[other] + theirs), float(cosines.max())


class OnePerson:
    """Whether two names may be one person's: as alike as two halves of one person's photos nearly always are.

    By the two most alike faces, and the calibration of faces, where too few people have photos enough to be halved.
    """

    def __init__(self, everyone: Persons, faces: Calibration, seed: int = 0) -> None:
        """Halve everybody."""
        dice = np.random.default_rng(seed)
        halves = []
        for person in range(len(everyone)):
            own = everyone.faces[everyone.rows(person)]
            if len(own) >= _LEAST_TO_HALVE:
                order = dice.permutation(len(own))
                halves.append(float(mean_of(own[order[::2]]) @ mean_of(own[order[1::2]])))
        self.level = float(np.quantile(halves, _RARELY)) if len(halves) >= LEAST_GENUINE else None
        self._faces = faces

    def under(self, persons: Persons, one: int, other: int) -> bool:
        """Whether the names in two rows may be one person's; of everyone, or of some of them."""
        if self.level is not None:
            return float(persons.vectors[one] @ persons.vectors[other]) >= self.level
        best = persons.best_pair(one, other)[2]
        return best >= self._faces.same_person(persons.count(one) * persons.count(other))


def everybody(gallery: Gallery) -> Persons:
    """The people of a gallery's generation, by their faces that are still theirs in the catalogue.

    Args:
        gallery: with a published generation.

    Raises:
        GenerationUnusable: nothing is published.
    """
    current, owner = gallery.generation, gallery.catalog.queries.person_of_faces()
    faces_and_people = zip(current.face_ids.tolist(), current.person_ids.tolist(), strict=True)
    return _people_of(gallery, current, [owner.get(face) == person for face, person in faces_and_people])


def everybody_then(gallery: Gallery, number: int) -> Persons:
    """The people of an older generation as they were, without the people and faces that are gone since.

    Args:
        gallery: that keeps the generation.
        number: of the generation.

    Raises:
        GenerationUnusable: it is not kept, or damaged.
    """
    kept = gallery.generations.published()
    if number not in kept:
        raise GenerationUnusable(f"generation {number} is not kept; {', '.join(map(str, kept))} are")
    then = gallery.generations.load(number)
    faces, people = gallery.catalog.queries.face_ids(), {person for person, _, _ in gallery.catalog.queries.people()}
    faces_and_people = zip(then.face_ids.tolist(), then.person_ids.tolist(), strict=True)
    return _people_of(gallery, then, [face in faces and person in people for face, person in faces_and_people])


def _people_of(gallery: Gallery, some: Generation, wanted: list[bool]) -> Persons:
    """The people of a generation, by those of its faces that are wanted."""
    people = [(name, person) for person, name, _ in gallery.catalog.queries.people()]
    place = {person: row for row, (_, person) in enumerate(people)}
    kept = np.flatnonzero(wanted)
    places = np.array([place[person] for person in some.person_ids[kept].tolist()], np.int64)
    order = np.argsort(places, kind="stable")
    kept, places = kept[order], places[order]
    here, starts = np.unique(places, return_index=True)
    starts = np.append(starts, len(kept))
    faces = some.vectors(some.face_ids[kept]) if len(kept) else np.empty((0, 1), np.float32)
    rows = here.tolist()
    ids = np.array([people[row][1] for row in rows], np.int64)
    return assemble(ids, [people[row][0] for row in rows], starts, some.face_ids[kept], faces)


def assemble(
    ids: NDArray[np.int64], names: list[str], starts: NDArray[np.int64], face_ids: NDArray[np.int64], faces: Vectors
) -> Persons:
    """People of their faces; the arguments as the attributes of :class:`Persons`."""
    means = [mean_of(faces[start:stop]) for start, stop in itertools.pairwise(starts)]
    vectors = np.stack(means) if means else np.empty((0, 1), np.float32)
    return Persons(ids, names, vectors, hubness(vectors, ids), starts, face_ids, faces)


def mean_of(faces: Vectors) -> NDArray[np.float32]:
    """One vector of a person's faces, float32 (dimension,): the same picture twice counts once."""
    return robust_mean(faces[~repeated(faces)]) if len(faces) > 1 else faces[0]


def repeated(faces: Vectors) -> NDArray[np.bool_]:
    """Which faces are nearly the same picture as an earlier one, bool (n,)."""
    said = np.zeros(len(faces), np.bool_)
    for start in range(0, len(faces), _BLOCK):
        rows = slice(start, start + _BLOCK)
        alike = faces[rows] @ faces[: start + _BLOCK].T > NEAR_DUPLICATE
        said[rows] = np.tril(alike, start - 1).any(axis=1)
    return said


def augmented(persons: Persons) -> tuple[Vectors, Vectors]:
    """Two vectors a person, float32 (p, dimension + 2): one's first times another's second is their score."""
    ones, damped = np.ones(len(persons), np.float32), -DAMPING * persons.hubness
    first = np.column_stack([persons.vectors, ones, damped])
    second = np.column_stack([persons.vectors, damped, ones])
    return np.ascontiguousarray(first, np.float32), np.ascontiguousarray(second, np.float32)
