"""Generations: published, immutable states of a gallery that questions are answered from, in whatever backend."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.failure import Failure
from niteru.engine.photos.dates.photo_date import PhotoDate
from niteru.indexer.generations.canary import Canary
from niteru.indexer.generations.columns import Columns
from niteru.indexer.generations.hubness import Strangers
from niteru.indexer.generations.index import FlatIndex
from niteru.indexer.generations.index.recall import FLOOR
from niteru.indexer.generations.rarity_calibration import Calibration

_CODES_OF_A_YEAR = 100_000
_NEVER = 1_000_000
"""Birth year of those whose is not known: no photo is of a later one."""


class GenerationUnusable(Failure):
    """No generation is published, or it is damaged."""


def count_different(ids: NDArray[np.int64]) -> int:
    """How many different ids there are; sorting is quick, since they mostly ascend with the faces that have them."""
    return int(np.count_nonzero(np.diff(np.sort(ids, kind="stable")))) + (len(ids) > 0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Listing:
    """The faces of a generation, whose they are, and what is said of them: all that is not computed from their vectors.

    Attributes:
        model: id of the model that made the vectors.
        detector: name of the detector that found the faces; a probe's face must be found by the same.
        face_ids, person_ids: of the labelled faces, int64 (n,); the ids of faces ascend.
        taken: date of each one's photo, int64 (n,), see :attr:`niteru.engine.photos.dates.photo_date.PhotoDate.code`; 0
            where it is not known.
        columns: of these people.
        labels_digest: of every face's photo and person, see
            :meth:`niteru.indexer.catalog.queries.CatalogQueries.labels_digest`; empty where a generation has neither.
    """

    model: str
    detector: str
    face_ids: NDArray[np.int64]
    person_ids: NDArray[np.int64]
    taken: NDArray[np.int64]
    columns: Columns = field(default_factory=Columns)
    labels_digest: str = ""

    def manifest(self, number: int) -> dict[str, Any]:
        """Description of a generation of these faces, without its index."""
        return {
            "generation": number,
            "model": self.model,
            "detector": self.detector,
            "people": count_different(self.person_ids),
            "faces": len(self.face_ids),
            "labels_digest": self.labels_digest,
            "columns_digest": self.columns.digest,
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class Contents(Listing):
    """Everything that is published of a gallery.

    Attributes:
        vectors: of each face, float32 (n, dimension), see :meth:`~.generation_store.GenerationStore.gather`.
        strangers: of these people, by whom a face's hubness is told.
        calibration: of these faces.
        canary: drawn faces and their vectors by the model.
    """

    vectors: Vectors
    strangers: Strangers
    calibration: Calibration
    canary: Canary


def about_index(kind: str, effort: int, recall: float, dimension: int) -> dict[str, Any]:
    """What a manifest says of a generation's index."""
    return {"kind": kind, "effort": effort, "recall_of_others": round(recall, 4), "dimension": dimension}


@dataclass(frozen=True, slots=True)
class IndexChoice:
    """Choice of the index to build.

    Attributes:
        kind: of index, or ``auto`` by size.
        least_recall: recall of the nearest faces of other people that the index must reach.
        in_any_case: publish with another index or less recall rather than not at all.
    """

    kind: str = FlatIndex.kind
    least_recall: float = FLOOR
    in_any_case: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """Faces nearest to a vector, the most similar first: similarities, ids of faces and people, each (k,)."""

    similarities: NDArray[np.float32]
    face_ids: NDArray[np.int64]
    person_ids: NDArray[np.int64]

    def only(self, some: list[int]) -> Nearest:
        """The faces in some rows."""
        return Nearest(self.similarities[some], self.face_ids[some], self.person_ids[some])


class Generation(ABC):
    """A published generation, opened for reading.

    Args:
        manifest: see :meth:`Listing.manifest` and :func:`about_index`.
        calibration: of the published faces.
        canary: as published.

    Attributes:
        number: higher than that of all generations before.
        model, detector: see :class:`Contents`.
        people, faces: numbers of people and of labelled faces.
        kind: of index.
        recall: share of the nearest faces of other people that the index finds here.
        columns_digest: of the columns, see :attr:`niteru.indexer.generations.columns.Columns.digest`.
    """

    def __init__(self, manifest: dict[str, Any], calibration: Calibration, canary: Canary) -> None:
        self.number = int(manifest["generation"])
        self.model, self.detector = str(manifest["model"]), str(manifest["detector"])
        self.people, self.faces = int(manifest["people"]), int(manifest["faces"])
        self.kind, self.recall = str(manifest["kind"]), float(manifest["recall_of_others"])
        self.columns_digest = str(manifest["columns_digest"])
        self.calibration, self.canary = calibration, canary

    @property
    def has_leftovers(self) -> bool:
        """Whether its files still have vectors of faces that were taken out of the gallery."""
        return False

    @property
    @abstractmethod
    def columns(self) -> Columns:
        """What tables say of the people, beside photos and names."""

    @property
    @abstractmethod
    def face_ids(self) -> NDArray[np.int64]:
        """Ids of all labelled faces, ascending; (n,)."""

    @property
    @abstractmethod
    def person_ids(self) -> NDArray[np.int64]:
        """Id of each face's person; (n,)."""

    @property
    @abstractmethod
    def taken(self) -> NDArray[np.int64]:
        """Date of each face's photo, see :class:`Contents`; (n,)."""

    @cached_property
    def ages(self) -> NDArray[np.int64]:
        """Age of the person on each face's photo, in years; -1 where it is not known; (n,)."""
        lives, people = self.columns.lives, self.person_ids
        known, where = np.unique(people, return_inverse=True)
        born = np.array([lives.born.get(person, _NEVER) for person in known.tolist()], np.int64)[where]
        years = self.taken // _CODES_OF_A_YEAR
        return np.where((years > 0) & (years >= born), years - born, -1)

    def age_of(self, person: int | None, date: PhotoDate | None) -> int | None:
        """Age that a person reaches in the year of a photo; None where it is not known, or they were not born yet."""
        born = self.columns.lives.born.get(person or 0)
        return date.year - born if born is not None and date is not None and date.year >= born else None

    @abstractmethod
    def taken_of(self, face: int) -> PhotoDate | None:
        """Date of the photo of one labelled face; None where it is not known."""

    @abstractmethod
    def vectors(self, faces: Sequence[int] | NDArray[np.int64]) -> Vectors:
        """Published vectors of labelled faces, float32 (n, dimension)."""

    @abstractmethod
    def vector(self, face: int) -> NDArray[np.float32] | None:
        """Published vector of a labelled face, float32 (dimension,); None for other faces."""

    @abstractmethod
    def nearest(
        self,
        query: NDArray[np.float32],
        k: int,
        without_person: int | None = None,
        people: NDArray[np.int64] | None = None,
        faces: NDArray[np.int64] | None = None,
    ) -> Nearest:
        """Search the labelled faces.

        Args:
            query: unit vector, float32 (dimension,).
            k: number of faces; fewer come only if no more exist.
            without_person: id of a person whose faces are left out.
            people: ids of the only people whose faces are searched, ascending; None for everybody's.
            faces: ids of the only faces that are searched; None for all.
        """

    @abstractmethod
    def hubness_of(self, faces: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float32]:
        """Hubness of labelled faces, see :mod:`niteru.indexer.generations.hubness`; 0 for other faces; (f,)."""

    @abstractmethod
    def faces_of(self, person: int) -> int:
        """Number of labelled faces of a person, by id; 0 for people who are not here."""
