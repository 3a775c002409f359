"""Probe of a question: a face of the gallery, a person in it, or photos of one person from anywhere."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels, Vectors
from niteru.engine.embedding.pooling import robust_mean
from niteru.engine.embedding.recogniser import Recogniser
from niteru.engine.faces.detector import Detector
from niteru.engine.faces.extraction import DetectedFace
from niteru.engine.faces.quality import blur_of
from niteru.engine.photos.decoding.picture import Picture
from niteru.engine.photos.file_content import read_bytes
from niteru.engine.photos.photo_error import PhotoError
from niteru.indexer.ask.ages import Ages, faces_at
from niteru.indexer.ask.chosen_face import FaceTooSmall, NoSuchFace, chosen_face
from niteru.indexer.ask.not_found import ImageNotFound, PersonNotFound, PersonWithoutFace, perhaps_meant
from niteru.indexer.ask.persons import mean_of, repeated
from niteru.indexer.ask.photo_work import OwnWork, PhotoWork
from niteru.indexer.ask.portraits import Portrait, portrait_in
from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.gallery import GalleryReader

Photo: TypeAlias = "str | Path | bytes | Pixels"
"""A file, its content, or its pixels; a string may also name what the gallery has: a person, a photo, ``face:ID``."""


@dataclass(frozen=True, slots=True)
class Probe:
    """The vector to search with, and what is known of its face.

    Attributes:
        asked: ``person`` for a person of the gallery by all of their photos, ``photo`` for anything else.
        vector: unit vector, float32 (dimension,).
        person_id, person: of the gallery, where the face is a person's there.
        faces_found: number of faces in all of its photos.
        face: description of the face, for answers.
        timing_ms: milliseconds by step.
        crop: aligned face of the first photo, uint8 RGB (112, 112, 3); None for a face of the gallery.
        portrait: the same person to look at; None if it was not wanted.
        agreement: mean similarity to the vector of the faces that it was made of; 1 for one face.
        photos: unit vectors of several faces that it was made of, near-duplicates once, float32 (n, dimension); None
            for one face.
        blur: of those faces on average, see :func:`niteru.engine.faces.quality.blur_of`; None for a person, and for a
            face whose crop is lost.
        boxes: of all faces in the first photo, in the order of their numbers, in pixels of the upright photo, also
            where that was halved when it was decoded; empty for a face of the gallery.
    """

    asked: Literal["person", "photo"]
    vector: NDArray[np.float32]
    person_id: int | None
    person: str | None
    faces_found: int
    face: dict[str, Any]
    timing_ms: dict[str, float]
    crop: Pixels | None = None
    portrait: Portrait | None = None
    agreement: float = 1.0
    photos: Vectors | None = None
    blur: float | None = None
    boxes: list[tuple[int, int, int, int]] = field(default_factory=list)


def probe_of(
    gallery: GalleryReader, recogniser: Recogniser, photos: Sequence[Photo], which: str = "main", portrait: int = 0
) -> Probe:
    """Make the probe for photos, or for something that the gallery has.

    Args:
        gallery: the gallery to ask.
        recogniser: for photos from elsewhere.
        photos: one or several of one person; a name or reference of the gallery must be the only one.
        which: face of each photo: ``main``, ``largest``, ``center``, or a number from 0.
        portrait: side of the portrait to make of a photo from elsewhere, in pixels; 0 for none.

    Raises:
        ImageNotFound: a string is no file, and names nothing in the gallery.
        PhotoError: a photo cannot be read or decoded, or shows no face.
        FaceTooSmall, NoSuchFace: a photo shows no usable face.
    """
    if len(photos) == 1 and isinstance(photos[0], str):
        if gallery.resolve(photos[0]) is not None:
            return from_gallery(gallery, photos[0])
        # Before any name, for to rule out that it is somebody's takes a look at all of them.
        if not Path(photos[0]).is_file():
            return _from_name(gallery, photos[0])
    return from_photos(recogniser, [_content(photo) for photo in photos], which, portrait=portrait)


def _from_name(gallery: GalleryReader, name: str) -> Probe:
    if gallery.queries.known_name(unicodedata.normalize("NFC", name)) is None:
        if Path(name).is_dir():
            raise ImageNotFound(f"{name} is a folder: ask with a photo in it")
        names = (known for _, known, _ in gallery.queries.people())
        meant = perhaps_meant(name, names, "; niteru people lists all names")
        raise ImageNotFound(f"there is no file {name}, and in {gallery.name} no person, photo or face:ID{meant}")
    return from_person(gallery, name)


def _content(photo: Photo) -> bytes | Pixels:
    return read_bytes(Path(photo)) if isinstance(photo, str | Path) else photo


def from_gallery(gallery: GalleryReader, ref: str) -> Probe:
    """Probe for the face that a reference names, by its stored vector.

    Raises:
        ImageNotFound: it names none.
    """
    row = gallery.resolve(ref)
    vector = None if row is None else gallery.vector(row.id)
    if row is None or vector is None:
        raise ImageNotFound("REF is a face id (face:123) or a photo's path in the gallery (NAME/photo.jpg)")
    found, crop = len(gallery.queries.faces_of_photo(row.photo)), gallery.crop(row.id)
    blur = None if crop is None else blur_of(crop)
    return Probe("photo", vector, row.person_id, row.person, found, describe_row(row), {}, blur=blur)


def from_person(gallery: GalleryReader, name: str, ages: Ages | None = None) -> Probe:
    """Probe for a person by all of their published faces, or by those at certain ages.

    Raises:
        PersonNotFound: nobody has that name.
        PersonWithoutFace: none of their photos shows a face that is in the index.
        AgeUnknown: nobody knows how old the person is, or no photo shows them at these ages.
    """
    rows = published_faces(gallery, name)
    if ages is not None:
        rows = faces_at(gallery, rows, ages)
    faces = gallery.generation.vectors(np.array([row.id for row in rows]))
    mean = mean_of(faces)
    portrait = rows[int((faces @ mean).argmax())]
    return Probe("person", mean, portrait.person_id, portrait.person, len(rows), describe_row(portrait), {})


def published_faces(gallery: GalleryReader, name: str) -> list[FaceRow]:
    """Faces of a person that are in the index.

    Raises:
        PersonNotFound: nobody has that name.
        PersonWithoutFace: none of their photos shows a face that is in the index.
    """
    name = unicodedata.normalize("NFC", name)
    if gallery.queries.known_name(name) is None:
        raise PersonNotFound(f"there is nobody called {name!r}: niteru people and /people list all names")
    rows = gallery.queries.faces_of_person(name)
    published = [row for row in rows if gallery.generation.vector(row.id) is not None]
    if not published:
        raise PersonWithoutFace(
            f"no photo of {name!r} shows a face that is in the index: add one, and run niteru index"
        )
    return published


def describe_row(row: FaceRow) -> dict[str, Any]:
    """Describe a face of the gallery for answers."""
    return {
        "id": row.id,
        "box": row.box,
        "landmarks": row.landmarks,
        "score": row.score,
        "quality": row.quality,
    }


def from_photos(
    recogniser: Recogniser,
    photos: Sequence[bytes | Pixels],
    which: str,
    work: PhotoWork | None = None,
    portrait: int = 0,
) -> Probe:
    """Probe with the robust mean of one face from each photo.

    Args:
        recogniser: finds and embeds the faces.
        photos: of one person.
        which: face of each photo: ``main``, ``largest``, ``center``, or a number from 0.
        work: where photos are decoded and looked at; None: here.
        portrait: side of the portrait to make of the first photo, in pixels; 0 for none.

    Raises:
        PhotoError: a photo cannot be decoded, or shows no face.
        FaceTooSmall, NoSuchFace: a photo shows no usable face.
        Abandoned: nobody waits for the answer any more.
    """
    work = work or OwnWork()
    timing = {"decode": 0.0, "detect": 0.0, "embed": 0.0}
    looks: list[_Look] = []
    for number, photo in enumerate(photos, start=1):
        try:
            side = portrait if number == 1 else 0
            looks.append(_looked_at(recogniser.detector, photo, _Wanted(which, side), work, timing))
        except (PhotoError, FaceTooSmall, NoSuchFace) as error:
            raise type(error)(str(error) if len(photos) == 1 else f"photo {number} of {len(photos)}: {error}") from None
    with _timed(timing, "embed"):
        vectors = work.run(recogniser.vectors, [look.chosen for look in looks])
        vector = robust_mean(vectors) if len(photos) > 1 else vectors[0]
    found = sum(len(look.boxes) for look in looks)
    first = looks[0]
    agreement = float((vectors @ vector).mean()) if len(photos) > 1 else 1.0
    different = vectors[~repeated(vectors)]
    return Probe(
        "photo",
        vector,
        None,
        None,
        found,
        _describe(first.chosen),
        timing,
        crop=first.chosen.crop,
        portrait=first.portrait,
        agreement=agreement,
        photos=different if len(different) > 1 else None,
        blur=float(np.mean([blur_of(look.chosen.crop) for look in looks])),
        boxes=first.boxes,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """The face that was chosen in a photo, the boxes of all, and the portrait, if one was wanted."""

    chosen: DetectedFace
    boxes: list[tuple[int, int, int, int]]
    portrait: Portrait | None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which face of a photo is wanted, and the side of its portrait, 0 for none."""

    which: str
    portrait: int


def _looked_at(
    detector: Detector, photo: bytes | Pixels, wanted: _Wanted, work: PhotoWork, timing: dict[str, float]
) -> _Look:
    start = perf_counter()
    with work.picture(photo) if isinstance(photo, bytes) else nullcontext(Picture(photo)) as picture:
        timing["decode"] += (perf_counter() - start) * 1000
        with _timed(timing, "detect"):
            return work.run(_look, detector, picture, wanted)


def _look(detector: Detector, picture: Picture, wanted: _Wanted) -> _Look:
    faces = detector.detect(picture.pixels)
    chosen = chosen_face(detector, picture.pixels, faces, wanted.which)
    boxes = [face.scaled(picture.scale).box for face in faces]
    face = chosen.face.scaled(picture.scale)
    portrait = portrait_in(picture, face.landmarks, wanted.portrait) if wanted.portrait else None
    return _Look(replace(chosen, face=face), boxes, portrait)


def _describe(found: DetectedFace) -> dict[str, Any]:
    return {
        "box": found.face.box,
        "landmarks": np.round(found.face.landmarks.astype(float), 1).tolist(),
        "score": round(found.face.score, 4),
        "quality": list(found.quality),
    }


class _timed:  # noqa: N801  (used like a statement)
    """Add the milliseconds that a block takes to an entry of a dictionary."""

    def __init__(self, timing: dict[str, float], name: str) -> None:
        self._timing, self._name = timing, name

    def __enter__(self) -> None:
        self._start = perf_counter()

    def __exit__(self, *_: object) -> None:
        self._timing[self._name] += (perf_counter() - self._start) * 1000
