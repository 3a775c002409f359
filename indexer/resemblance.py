"""Who looks like whom over everybody: the nearest other people of each person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.embedder import Vectors
from indexer.crowding import DAMPING
from indexer.gallery import Gallery
from indexer.rows import FaceRow


@dataclass(frozen=True, slots=True)
class Resemblance:
    """One person beside another, shown by the two faces that are most alike."""

    face: FaceRow
    other: FaceRow
    similarity: float
    rarity: float
    same_person: bool

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
    """A person and the people most like them, the most alike first."""

    person: str
    faces: int
    nearest: list[Resemblance]


def nearest_people(gallery: Gallery, k: int = 5) -> Iterator[PersonRow]:
    """The k nearest other people of everybody, by name; those who are a little like everybody come later.

    Two people are as alike as their two most alike faces. The best of many pairs is alike by chance more often than one
    pair is, so the same-person band begins where *all* the pairs of two people together reach it once in 1,000.
    Exact; the memory in use is a block of one person's faces against all.

    Args:
        gallery: with a published generation.
        k: people a row; all others if there are fewer.
    """
    face_ids, people, vectors, crowding = _living(gallery)
    ids, starts, counts = np.unique(people, return_index=True, return_counts=True)
    rows = {int(person): row for row, person in enumerate(ids)}
    calibration = gallery.generation.calibration
    for person, name, faces in gallery.catalog.people():
        if person not in rows:  # enrolled since the generation was published
            continue
        row = rows[person]
        own = slice(starts[row], starts[row] + counts[row])
        pairs = _best_pairs(vectors[own], vectors, starts)
        pairs[row] = (-2.0, 0, 0)
        scores = np.array([similarity - DAMPING * crowding[theirs] for similarity, _, theirs in pairs])
        best = [other for other in np.argsort(-scores, kind="stable").tolist() if other != row][:k]
        wanted = [int(face_ids[starts[row] + pairs[b][1]]) for b in best] + [int(face_ids[pairs[b][2]]) for b in best]
        known = gallery.catalog.faces(wanted)
        nearest = [
            Resemblance(
                known[wanted[i]],
                known[wanted[i + len(best)]],
                pairs[other][0],
                calibration.rarity(pairs[other][0]),
                pairs[other][0] >= calibration.same_person(int(counts[row] * counts[other])),
            )
            for i, other in enumerate(best)
        ]
        yield PersonRow(name, faces, nearest)


def _best_pairs(own: Vectors, all_vectors: Vectors, starts: NDArray[np.int64]) -> list[tuple[float, int, int]]:
    """For each person the best pair with ``own``: similarity, row in ``own``, row in ``all_vectors``."""
    similarities = own @ all_vectors.T
    ours = similarities.argmax(axis=0)
    best = similarities[ours, np.arange(len(all_vectors))]
    tops = np.maximum.reduceat(best, starts)
    ends = np.append(starts[1:], len(all_vectors))
    pairs = []
    for top, start, end in zip(tops, starts, ends, strict=True):
        theirs = int(start) + int(best[start:end].argmax())
        pairs.append((float(top), int(ours[theirs]), theirs))
    return pairs


def _living(gallery: Gallery) -> tuple[NDArray[np.int64], NDArray[np.int64], Vectors, NDArray[np.float32]]:
    """Id, person, vector and crowding of each face of the generation that is still in the catalogue, by person."""
    current = gallery.generation
    kept = np.flatnonzero(np.isin(current.face_ids, list(gallery.catalog.face_ids())))
    kept = kept[np.argsort(current.person_ids[kept], kind="stable")]
    return current.face_ids[kept], current.person_ids[kept], current.index.vectors(kept), current.crowding[kept]
