"""Generations: published states of a gallery, which questions are asked of. Each backend keeps them in its own way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.failure import Failure
from niteru.indexer.generations.calibration import Calibration
from niteru.indexer.generations.canary import Canary
from niteru.indexer.generations.index import FlatIndex
from niteru.indexer.generations.index.recall import FLOOR


class GenerationUnusable(Failure):
    """No generation is published, or it is not what was published."""


@dataclass(frozen=True, eq=False)
class Contents:
    """A state of a gallery, to be published.

    Attributes:
        model: id of the model that made the vectors.
        detector: name of the detector that found the faces; a question's face must be found by the same.
        face_ids, person_ids: of the labelled faces, int64 (n,); the ids of faces rise.
        vectors: of each, float32 (n, dimension).
        hubness: of each, float32 (n,), see :mod:`niteru.indexer.generations.hubness`.
        calibration: of this very set of faces.
        canary: drawn faces and the vectors they had when this was published.
        labels_digest: of every face's photo and person, see
            :meth:`niteru.indexer.catalog.queries.CatalogQueries.labels_digest`.
    """

    model: str
    detector: str
    face_ids: NDArray[np.int64]
    person_ids: NDArray[np.int64]
    vectors: Vectors
    hubness: NDArray[np.float32]
    calibration: Calibration
    canary: Canary
    labels_digest: str = ""

    def manifest(self, number: int, kind: str, effort: int, recall: float) -> dict[str, Any]:
        """What a generation says of itself."""
        return {
            "generation": number,
            "kind": kind,
            "effort": effort,
            "recall_of_others": round(recall, 4),
            "dimension": self.vectors.shape[1],
            "model": self.model,
            "detector": self.detector,
            "people": len(np.unique(self.person_ids)),
            "faces": len(self.face_ids),
            "labels_digest": self.labels_digest,
        }


@dataclass(frozen=True, slots=True)
class IndexChoice:
    """How a generation is to be searched.

    Attributes:
        kind: of index, or ``auto`` by size.
        least_recall: of the nearest faces of other people, that it must reach.
        in_any_case: an exact one will do, rather than none.
    """

    kind: str = FlatIndex.kind
    least_recall: float = FLOOR
    in_any_case: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """Faces near a vector, the most alike first: similarities, their ids and whose they are, each (k,)."""

    similarities: NDArray[np.float32]
    face_ids: NDArray[np.int64]
    person_ids: NDArray[np.int64]

    def only(self, some: NDArray[np.bool_]) -> Nearest:
        """Some of them, bool (k,)."""
        return Nearest(self.similarities[some], self.face_ids[some], self.person_ids[some])


class Generation(ABC):
    """A published state, as it is read.

    Args:
        manifest: what it says of itself, see :meth:`Contents.manifest`.
        calibration: of the published faces.
        canary: as published.

    Attributes:
        number: rises with each publication.
        model, detector: see :class:`Contents`.
        people, faces: how many there are, labelled ones.
        kind: of index.
        recall: of the nearest faces of other people, that the index reaches here.
    """

    def __init__(self, manifest: dict[str, Any], calibration: Calibration, canary: Canary) -> None:
        """See the class."""
        self.number = int(manifest["generation"])
        self.model, self.detector = str(manifest["model"]), str(manifest["detector"])
        self.people, self.faces = int(manifest["people"]), int(manifest["faces"])
        self.kind, self.recall = str(manifest["kind"]), float(manifest["recall_of_others"])
        self.calibration, self.canary = calibration, canary

    @property
    @abstractmethod
    def face_ids(self) -> NDArray[np.int64]:
        """Of all labelled faces, rising; (n,)."""

    @property
    @abstractmethod
    def person_ids(self) -> NDArray[np.int64]:
        """Whose they are; (n,)."""

    @property
    @abstractmethod
    def hubness(self) -> NDArray[np.float32]:
        """How crowded they are; (n,)."""

    @abstractmethod
    def vectors(self, faces: Sequence[int] | NDArray[np.int64]) -> Vectors:
        """The vectors of labelled faces as they were published, float32 (n, dimension)."""

    @abstractmethod
    def vector(self, face: int) -> NDArray[np.float32] | None:
        """The vector of a labelled face as it was published, float32 (dimension,); None for other faces."""

    @abstractmethod
    def nearest(self, query: NDArray[np.float32], k: int, without_person: int | None = None) -> Nearest:
        """The nearest labelled faces.

        Args:
            query: unit vector, float32 (dimension,).
            k: how many; fewer come only if no more exist.
            without_person: leave this person's faces out.
        """

    @abstractmethod
    def hubness_of(self, face: int) -> float:
        """How much nearer than usual strangers are to a labelled face; 0 for other faces."""

    @abstractmethod
    def faces_of(self, person: int) -> int:
        """How many labelled faces a person has, by id; 0 for people who are not here."""
