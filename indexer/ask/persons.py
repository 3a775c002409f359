"""People of a generation with one vector each, for comparing everybody with everybody.

Of the ways to compare two people by their faces, means and medians rank relatives best: AUC .788 over 400 people of
Families in the Wild with a relative among 712, against .777 for the two most similar faces (docs/report.md). They cost
a hundredth, too, and many photos do not bring a person nearer to everybody by chance.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.embedding.pooling import robust_mean
from niteru.indexer.ask.how_sure import variance_of
from niteru.indexer.ask.same_person import NEAR_DUPLICATE, SamePerson
from niteru.indexer.gallery import Gallery, GalleryReader
from niteru.indexer.generations.generation import Generation, GenerationUnusable
from niteru.indexer.generations.hubness import Strangers

DAMPING = 0.25
"""Share of both people's hubness taken off a score: a relative is then in the first 5 % for .765 instead of .757."""

_BLOCK, _PAIRS = 1_024, 32_768


@dataclass(frozen=True, eq=False)
class Persons:
    """People sorted by name; the faces of each are in adjacent rows.

    Attributes:
        ids, names: of people, int64 (p,) and strings.
        vectors: robust mean of each person's faces, near-duplicates counted once; unit, float32 (p, dimension).
        hubness: how much nearer than usual others are to each person, float32 (p,).
        starts: first row of each person's faces, and at the end the number of faces; int64 (p + 1,).
        face_ids, faces: ids, int64 (n,), and unit vectors of faces, float32 (n, dimension).
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

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Number of each person's faces, int64 (p,)."""
        return np.diff(self.starts)

    @cached_property
    def different(self) -> NDArray[np.bool_]:
        """Mask of the faces that are no near-duplicates of an earlier one of their person, bool (n,)."""
        different = np.ones(len(self.faces), np.bool_)
        for person in np.flatnonzero(self.counts > 1).tolist():
            different[self.rows(person)] = ~repeated(self.faces[self.rows(person)])
        return different

    @cached_property
    def to_own(self) -> NDArray[np.float32]:
        """Similarity of each face to its person's vector, float32 (n,)."""
        return _dots(self.faces, self.vectors, np.arange(len(self.faces)), np.repeat(np.arange(len(self)), self.counts))

    @cached_property
    def agreement(self) -> NDArray[np.float32]:
        """Mean similarity of each person's faces to their vector, float32 (p,); 1 for a single face."""
        totals = np.add.reduceat(self.to_own, self.starts[:-1]) if len(self) else np.empty(0)
        return np.asarray(np.where(self.counts == 1, 1, totals / np.maximum(self.counts, 1)), np.float32)

    def rows(self, person: int) -> slice:
        """Rows of a person's faces."""
        return slice(int(self.starts[person]), int(self.starts[person + 1]))

    def only(self, names: Collection[str]) -> Persons:
        """The people with these names, each with their hubness among all."""
        kept = [row for row, name in enumerate(self.names) if name in names]
        faces = np.concatenate([np.arange(*self.starts[row : row + 2]) for row in kept] or [np.empty(0, np.int64)])
        counts = self.counts[kept]
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
        """Number of a person's faces."""
        return int(self.starts[person + 1] - self.starts[person])

    def cosine(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosines of the vectors of pairs of people, float32 (m,), by their rows."""
        return _dots(self.vectors, self.vectors, one, other)

    def score(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float32]:
        """Score pairs of people, float32 (m,): their cosine, less a share of both people's hubness."""
        return np.asarray(self.cosine(one, other) - DAMPING * (self.hubness[one] + self.hubness[other]), np.float32)

    def may_be_one(self, test: SamePerson, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which pairs of people may be one person, bool (m,)."""
        agreement = (self.agreement[one] * self.agreement[other]).astype(np.float64)
        return test.hold(self.cosine(one, other).astype(np.float64), agreement)

    def portrait(self, person: int) -> int:
        """Row of the face most similar to a person's mean."""
        return int(self.starts[person] + (self.faces[self.rows(person)] @ self.vectors[person]).argmax())


def everybody(gallery: Gallery) -> Persons:
    """People of the current generation, with the faces that are still labelled so in the catalogue.

    Args:
        gallery: with a published generation.

    Raises:
        GenerationUnusable: nothing is published.
    """
    current, owner = gallery.generation, gallery.catalog.queries.person_of_faces()
    faces_and_people = zip(current.face_ids.tolist(), current.person_ids.tolist(), strict=True)
    return _people_of(gallery, current, [owner.get(face) == person for face, person in faces_and_people])


def published(gallery: GalleryReader) -> Persons:
    """People of a reader's generation as it was published; the catalogue has to be asked who is still there."""
    current, there = gallery.generation, {person for person, _, _ in gallery.queries.people()}
    return _people_of(gallery, current, [person in there for person in current.person_ids.tolist()])


def everybody_then(gallery: Gallery, number: int) -> Persons:
    """People of an older generation as they were then, without people and faces that are gone since.

    Args:
        gallery: the gallery.
        number: of the generation.

    Raises:
        GenerationUnusable: the generation is not kept, or damaged.
    """
    kept = gallery.generations.published()
    if number not in kept:
        raise GenerationUnusable(f"generation {number} is not kept; {', '.join(map(str, kept))} are")
    then = gallery.generations.load(number)
    faces, people = gallery.catalog.queries.face_ids(), {person for person, _, _ in gallery.catalog.queries.people()}
    faces_and_people = zip(then.face_ids.tolist(), then.person_ids.tolist(), strict=True)
    return _people_of(gallery, then, [face in faces and person in people for face, person in faces_and_people])


def _people_of(gallery: GalleryReader, generation: Generation, wanted: list[bool]) -> Persons:
    """People of a generation, with those of its faces that a mask selects."""
    people = [(name, person) for person, name, _ in gallery.queries.people()]
    by_name = {person: rank for rank, (_, person) in enumerate(people)}
    kept = np.flatnonzero(wanted)
    ranks = np.array([by_name[person] for person in generation.person_ids[kept].tolist()], np.int64)
    order = np.argsort(ranks, kind="stable")
    kept, ranks = kept[order], ranks[order]
    present, starts = np.unique(ranks, return_index=True)
    starts = np.append(starts, len(kept))
    faces = generation.vectors(generation.face_ids[kept]) if len(kept) else np.empty((0, 1), np.float32)
    ids = np.array([people[rank][1] for rank in present.tolist()], np.int64)
    return assemble(ids, [people[rank][0] for rank in present.tolist()], starts, generation.face_ids[kept], faces)


def assemble(
    ids: NDArray[np.int64], names: list[str], starts: NDArray[np.int64], face_ids: NDArray[np.int64], faces: Vectors
) -> Persons:
    """Compute people's means and hubness from their faces; the arguments are attributes of :class:`Persons`."""
    vectors = faces[starts[:-1]]
    for person in np.flatnonzero(np.diff(starts) > 1).tolist():
        vectors[person] = mean_of(faces[starts[person] : starts[person + 1]])
    strangers = Strangers.drawn(vectors, ids)
    return Persons(ids, names, vectors, strangers.hubness(vectors, ids), starts, face_ids, faces)


def mean_of(faces: Vectors) -> NDArray[np.float32]:
    """Robust mean of a person's faces, float32 (dimension,); near-duplicates count once."""
    return robust_mean(faces[~repeated(faces)]) if len(faces) > 1 else faces[0]


def variance_of_side(faces: Vectors, own: NDArray[np.float32], other: NDArray[np.float32], usual: float) -> float:
    """Variance that one person's photos bring into the similarity of two people's means.

    Args:
        faces: unit vectors of the person's faces, float32 (n, dimension); near-duplicates count once.
        own: the person's vector, float32 (dimension,).
        other: the other's.
        usual: the model's spread for such photos, see :func:`niteru.indexer.ask.how_sure.usual_spread`.
    """
    different = faces[~repeated(faces)]
    # A mean of unit vectors is shorter than they are; scaled to their length its similarities grow.
    return variance_of(different @ other / (different @ own).mean(), usual)


def repeated(faces: Vectors) -> NDArray[np.bool_]:
    """Mask of the faces that are near-duplicates of an earlier one, bool (n,)."""
    repeats = np.zeros(len(faces), np.bool_)
    for start in range(0, len(faces), _BLOCK):
        rows = slice(start, start + _BLOCK)
        alike = faces[rows] @ faces[: start + _BLOCK].T > NEAR_DUPLICATE
        repeats[rows] = np.tril(alike, start - 1).any(axis=1)
    return repeats


def augmented(persons: Persons) -> tuple[Vectors, Vectors]:
    """Two vectors for each person, float32 (p, dimension + 2): one's first times another's second is their score."""
    ones, damped = np.ones(len(persons), np.float32), -DAMPING * persons.hubness
    first = np.column_stack([persons.vectors, ones, damped])
    second = np.column_stack([persons.vectors, damped, ones])
    return np.ascontiguousarray(first, np.float32), np.ascontiguousarray(second, np.float32)


def _dots(first: Vectors, second: Vectors, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float32]:
    """Dot products of rows of two matrices, float32 (m,), with as little memory as a block of them takes."""
    dots = np.empty(len(one), np.float32)
    for start in range(0, len(one), _PAIRS):
        block = slice(start, start + _PAIRS)
        dots[block] = np.einsum("ij,ij->i", first[one[block]], second[other[block]])
    return dots
