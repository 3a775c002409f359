"""Who looks like whom over everybody: the nearest other people of each person."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from engine.embedder import Vectors
from engine.progress import progress_bar
from indexer.gallery import Gallery
from indexer.index.faiss_index import faiss
from indexer.persons import OnePerson, Persons, augmented
from indexer.rows import FaceRow

BLOCK = 4_096
"""People whose neighbours are sought at once: what a run that was interrupted loses at most."""
COMPARED_PAIRS = 2_000_000
_ROUNDING = 1e-5
"""Scores that differ by less are one score, come to in two ways."""


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The k nearest other people of each, the most alike first: scores, float32 (p, k), and rows, int64 (p, k)."""

    scores: NDArray[np.float32]
    rows: NDArray[np.int64]

    def first(self, k: int) -> Neighbours:
        """Only the first k of each."""
        return Neighbours(self.scores[:, :k], self.rows[:, :k])


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


def neighbours(persons: Persons, k: int, work: Path, executor: Executor | None = None) -> Neighbours:
    """The k nearest other people of everybody, exactly.

    Args:
        persons: who is compared.
        k: how many; all others if there are fewer.
        work: a folder that every worker can read and write. It holds the vectors and each block that is done; another
            call with the same people goes on from there.
        executor: where the blocks are computed (a process pool, a Dask cluster); here, on all cores, if None.
    """
    k = max(min(k, len(persons) - 1), 0)
    first, second = augmented(persons)
    work = work / hashlib.sha256(f"{k} {BLOCK} ".encode() + first.tobytes()).hexdigest()[:16]
    work.mkdir(parents=True, exist_ok=True)
    for name, vectors in (("first", first), ("second", second)):
        np.save(work / f"{name}.npy", vectors)
    starts = range(0, len(persons), BLOCK)
    done: list[Neighbours] = []
    with progress_bar("who looks like whom", len(persons), "person") as bar:
        for file in (executor.map if executor else map)(functools.partial(_block, work, k), starts):
            done.append(_read(file))
            bar.update(len(done[-1].rows))
    none = Neighbours(np.empty((0, k), np.float32), np.empty((0, k), np.int64))
    return Neighbours(*(np.concatenate([getattr(one, of) for one in (none, *done)]) for of in ("scores", "rows")))


def _block(work: Path, k: int, start: int) -> Path:
    """Runs anywhere: the neighbours of a block of people, in a file."""
    file = work / f"{start}.npz"
    try:
        _read(file)
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):  # not there, or torn by a power cut
        first, second = (np.load(work / f"{name}.npy", mmap_mode="r") for name in ("first", "second"))
        scores, rows = nearest(np.asarray(first[start : start + BLOCK]), np.asarray(second), start, k)
        aside = file.with_suffix(".part.npz")
        np.savez(aside, scores=scores, rows=rows)
        aside.replace(file)
    return file


def _read(file: Path) -> Neighbours:
    with np.load(file) as block:
        return Neighbours(block["scores"], block["rows"])


def nearest(
    queries: Vectors, all_vectors: Vectors, start: int, k: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Scores and rows, (q, k), of the others nearest to the people of rows ``start`` and on; equal ones by row."""
    scores, rows = faiss.knn(queries, all_vectors, k + 1, metric=faiss.METRIC_INNER_PRODUCT)
    own = rows == np.arange(start, start + len(queries))[:, None]
    own[~own.any(axis=1), -1] = True  # a person whom others equal, or a hub, may be further down: leave out the last
    kept = (len(queries), k)
    scores, rows = scores[~own].reshape(kept), rows[~own].reshape(kept)
    order = np.lexsort((rows, -scores))
    return np.take_along_axis(scores, order, 1), np.take_along_axis(rows, order, 1)


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
