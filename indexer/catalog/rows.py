"""Records that the catalogue takes and returns: files, their states, faces, vectors."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.faces.face import Face
from niteru.engine.photos.photo_stamp import PhotoStamp
from niteru.indexer.catalog.connection import CatalogDamaged

IS_GROUP = "n.name GLOB 'unnamed [1-9]*'"
"""SQL condition that nobody has named a row ``n`` of people; see
:func:`niteru.engine.photos.person_name.group_name`."""


@dataclass(frozen=True, slots=True)
class FaceRow:
    """A face of the catalogue.

    ``person`` is None for an unlabelled face in somebody's photo; ``points`` are the five landmarks, x and y in pixels,
    as ten little-endian float32; ``second`` is the time in a video at which it was seen.
    """

    id: int
    photo: str
    person_id: int | None
    person: str | None
    box: tuple[int, int, int, int]
    points: bytes
    score: float
    quality: list[str]
    second: float | None

    @property
    def landmarks(self) -> list[list[float]]:
        """Eyes, nose and corners of the mouth, x and y in pixels."""
        rounded: list[list[float]] = np.frombuffer(self.points, "<f4").reshape(5, 2).astype(float).round(1).tolist()
        return rounded


class SeenFace(Protocol):
    """A face as a detector found it, to be entered."""

    @property
    def face(self) -> Face:
        """Box, landmarks and score."""

    @property
    def quality(self) -> tuple[str, ...]:
        """Reasons to doubt it, as :mod:`niteru.engine.faces.quality` names them; usually none."""

    @property
    def second(self) -> float | None:
        """Time in a video at which it was seen; None in a photo."""


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """A photo or video file; one ``added`` by hand stays though FACES does not contain it."""

    ref: str
    person: str
    sha256: str
    size: int
    mtime_ns: int
    detector: str
    reason: str | None
    added: bool = False

    @property
    def stamp(self) -> PhotoStamp:
        """Size and time of change, by which a change is noticed."""
        return PhotoStamp(self.size, self.mtime_ns)


@dataclass(frozen=True, slots=True)
class PhotoState(PhotoFile):
    """State of a file in the catalogue, by which a change of the file or of the model is noticed."""

    model: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PhotoFaces:
    """The faces of one photo, or one moment of a video, the main one first: ids (n,), unit vectors (n, dimension)."""

    ids: NDArray[np.int64]
    vectors: Vectors
    moving: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class FaceVector:
    """The vector of a face, float32 (dimension,), and the id of the model that made it."""

    face: int
    model: str
    vector: NDArray[np.float32]


def face_row(row: tuple) -> FaceRow:  # type: ignore[type-arg]
    """The face in a row of the catalogue's query: id, photo, person's id and name, box and so on.

    Raises:
        CatalogDamaged: its person is missing.
    """
    if row[2] is not None and row[3] is None:
        raise CatalogDamaged.of("the catalogue", "a person is missing, and their faces are there")
    return FaceRow(
        id=row[0],
        photo=row[1],
        person_id=row[2],
        person=row[3],
        box=row[4:8],
        points=row[8],
        score=round(row[9], 4),
        quality=[] if row[10] == "[]" else json.loads(row[10]),
        second=row[11],
    )
