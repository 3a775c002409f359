"""The face that is asked about: one of the gallery, or uploaded photos of one person."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels
from niteru.engine.embedding.pooling import robust_mean
from niteru.engine.faces.detector import Detector
from niteru.engine.faces.extraction import DetectedFace
from niteru.engine.faces.face import Face
from niteru.engine.faces.quality import judge
from niteru.engine.photos.decode import (
    PhotoError,
    decode,
)
from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.gallery import GalleryReader
from niteru.serve.http.live_gallery import Recogniser
from niteru.serve.http.problems import BadParameter, FaceTooSmall, ImageNotFound, NoFaceFound

LEAST_EYE_DISTANCE = 6.0
"""Pixels below which no answer is given: at 6, four faces in ten are no longer recognised (bench/quality.py)."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A query: its vector, whose face it is where that is known, and what is said of it in the answer.

    ``crop`` is the aligned face, uint8 RGB (112, 112, 3), of the first uploaded photo; ``boxes`` are those of all faces
    in it, in the order that ``face`` counts them.
    """

    vector: NDArray[np.float32]
    person_id: int | None
    person: str | None
    faces_found: int
    face: dict[str, Any]
    timing_ms: dict[str, float]
    crop: Pixels | None = None
    boxes: list[tuple[int, int, int, int]] = field(default_factory=list)


def from_gallery(gallery: GalleryReader, ref: str) -> Probe:
    """The face that REF speaks of, by its stored vector.

    Raises:
        ImageNotFound: if it speaks of none.
    """
    row = gallery.resolve(ref)
    vector = None if row is None else gallery.vector(row.id)
    if row is None or vector is None:
        raise ImageNotFound("REF is a face id (face:123) or a photo's path in the gallery (NAME/photo.jpg)")
    found = len(gallery.questions.faces_of_photo(row.photo))
    return Probe(vector, row.person_id, row.person, found, seen_face(row), {})


def seen_face(row: FaceRow) -> dict[str, Any]:
    """A face of the gallery as answers tell it."""
    return {
        "id": row.id,
        "box": row.box,
        "landmarks": row.landmarks,
        "score": row.score,
        "quality": row.quality,
    }


def from_uploads(eyes: Recogniser, uploads: list[bytes], pick: str) -> Probe:
    """The robust mean of the faces picked from each photo.

    Raises:
        PhotoError: a photo that cannot be decoded.
        NoFaceFound, FaceTooSmall: a photo without a usable face.
        BadParameter: ``pick`` is a number beyond the faces found.
    """
    timing = {"decode": 0.0, "find": 0.0, "embed": 0.0}
    picked: list[DetectedFace] = []
    boxes: list[tuple[int, int, int, int]] = []
    found = 0
    for number, data in enumerate(uploads, start=1):
        try:
            with _timed(timing, "decode"):
                image = decode(data)
            with _timed(timing, "find"):
                faces = eyes.detector.detect(image)
                picked.append(_pick(eyes.detector, image, faces, pick))
        except PhotoError as error:
            raise type(error)(_of_several(str(error), number, uploads)) from None
        except (NoFaceFound, FaceTooSmall) as problem:
            raise type(problem)(_of_several(problem.detail, number, uploads)) from None
        found += len(faces)
        boxes = boxes or [face.box for face in faces]
    with _timed(timing, "embed"):
        vectors = eyes.embedder.embed(np.stack([face.crop for face in picked]))
        vector = robust_mean(vectors)
    return Probe(vector, None, None, found, _describe(picked[0]), timing, picked[0].crop, boxes)


def _of_several(text: str, number: int, uploads: list[bytes]) -> str:
    return text if len(uploads) == 1 else f"photo {number} of {len(uploads)}: {text}"


def _pick(detector: Detector, image: Pixels, faces: list[Face], pick: str) -> DetectedFace:
    if not faces:
        raise NoFaceFound("no face was found; a larger or more frontal picture may help")
    if pick == "center":
        face = min(faces, key=lambda face: _off_centre(face, image))
    elif pick == "largest":
        face = faces[0]
    elif int(pick) < len(faces):
        face = faces[int(pick)]
    else:
        raise BadParameter(f"face {pick} was asked for and {len(faces)} found, counted from 0")
    if float(np.hypot(*(face.landmarks[1] - face.landmarks[0]))) < LEAST_EYE_DISTANCE:
        raise FaceTooSmall(f"the eyes are less than {LEAST_EYE_DISTANCE:.0f} pixels apart; use a larger picture")
    crop = detector.crop(image, face)
    return DetectedFace(face, crop, judge(face, crop))


def _off_centre(face: Face, image: Pixels) -> float:
    x, y, width, height = face.box
    return float(np.hypot(x + width / 2 - image.shape[1] / 2, y + height / 2 - image.shape[0] / 2))


def _describe(found: DetectedFace) -> dict[str, Any]:
    return {
        "box": found.face.box,
        "landmarks": np.round(found.face.landmarks.astype(float), 1).tolist(),
        "score": round(found.face.score, 4),
        "quality": list(found.quality),
    }


class _timed:  # noqa: N801  (reads as the statement it is)
    """Add the milliseconds of a block to an entry."""

    def __init__(self, timing: dict[str, float], name: str) -> None:
        self._timing, self._name = timing, name

    def __enter__(self) -> None:
        self._start = perf_counter()

    def __exit__(self, *_: object) -> None:
        self._timing[self._name] += (perf_counter() - self._start) * 1000
