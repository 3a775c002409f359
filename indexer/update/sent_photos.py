"""Photos that somebody sends of a person: looked at first, and then entered while the gallery is held for a moment.

Of each photo one face is kept, the one that is meant: its crop, its vector and what the file says of its date. Neither
the photo itself is kept, nor anything of whoever else it shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from niteru.engine.embedding.recogniser import Recogniser
from niteru.engine.faces.extraction import DetectedFace
from niteru.engine.failure import Failure
from niteru.engine.photos.dates.date_in_picture import PictureDates, dates_in
from niteru.engine.photos.decoding.picture import Picture
from niteru.engine.photos.person_name import BadName, checked_name, is_nobody
from niteru.indexer.ask.chosen_face import chosen_face
from niteru.indexer.ask.photo_work import PhotoWork
from niteru.indexer.catalog.rows import PhotoFile
from niteru.indexer.catalog.suppression import SuppressionList
from niteru.indexer.gallery import Gallery
from niteru.indexer.storage.crops import encoded
from niteru.indexer.update.earlier_faces import without_forgotten
from niteru.indexer.update.reading import ReadFace

_MARK_LETTERS = 16
"""Of a photo's hash, by which it is told from the person's others."""


class SeveralFaces(Failure):
    """A photo shows several faces, and nobody said which of them is meant."""


class Forgotten(Failure):
    """The person, the photo, or the face in this photo was forgotten."""


@dataclass(frozen=True, slots=True, eq=False)
class SentPhoto:
    """A photo of which one face is to be kept.

    Attributes:
        sha256: of its content.
        size: of its content, in bytes.
        dates: that the file has.
        face: the one that is meant.
        model: id of the model that made its vector.
        detector: name of the detector that found it.
    """

    sha256: str
    size: int
    dates: PictureDates
    face: ReadFace
    model: str
    detector: str


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of photos.

    Attributes:
        person: the name, as the gallery spells it.
        faces: id of the face of each photo, in their order; None where it was forgotten in this very photo.
        change: number of the change; answers know of it when the gallery's publications have come so far.
    """

    person: str
    faces: list[int | None]
    change: int


def look_at(recogniser: Recogniser, data: bytes, which: str, work: PhotoWork) -> SentPhoto:
    """Find the face that is meant in a photo, and embed it.

    Args:
        recogniser: of the gallery.
        data: the photo.
        which: face: ``main``, ``largest``, ``center``, or a number from 0; empty if the photo must show only one.
        work: where the photo is decoded and looked at.

    Raises:
        PhotoError: it cannot be decoded, or shows no face.
        SeveralFaces: it shows several, and ``which`` is empty.
        FaceTooSmall, NoSuchFace: it shows no usable face.
        Abandoned: nobody waits for it any more.
    """
    with work.picture(data) as picture:
        found = work.run(_found, recogniser, picture, which)
    vector = work.run(recogniser.vectors, [found])[0]
    face = ReadFace(found.face, found.quality, None, encoded(found.crop), vector)
    model, detector = recogniser.embedder.info.id, recogniser.detector.name
    return SentPhoto(hashlib.sha256(data).hexdigest(), len(data), dates_in(data), face, model, detector)


def person_called(text: str) -> str:
    """Name under which photos of somebody can be entered.

    Raises:
        BadName: the text cannot be a person's name, or is a group's.
    """
    name = checked_name(text)
    if is_nobody(name):
        raise BadName(f"{name!r} is nobody's name: say who it is first, or send the photos under a person's name")
    return name


def enter(address: str | Path, person: str, photos: Sequence[SentPhoto], *, forgotten_too: bool) -> Entered:
    """Enter photos of a person; they are searched once the gallery is published, and stay until they are forgotten.

    A photo that was sent before is not entered twice.

    Args:
        address: of the gallery; a missing one is made.
        person: name, see :func:`person_called`.
        photos: of this person, at least one.
        forgotten_too: take the person and the photos off the suppression list, if they are on it. A face that was
            forgotten in a photo of several stays away from that photo all the same.

    Raises:
        Forgotten: the person was, and is not to come back.
        GalleryBusy: another run holds the gallery.
        CatalogError: the catalogue cannot be used.
    """
    with Gallery.writing(address) as gallery, gallery.catalog.transaction():
        catalog = gallery.catalog
        name, suppressed = catalog.queries.known_name(person) or person, SuppressionList(catalog)
        if suppressed.forgets(name) and not forgotten_too:
            raise Forgotten(f"{name} was forgotten: only whoever may forget people can let them in again")
        faces = [
            None if suppressed.forgets_content(photo.sha256) and not forgotten_too else _entered(gallery, name, photo)
            for photo in photos
        ]
        contents = [photo.sha256 for photo, face in zip(photos, faces, strict=True) if face is not None]
        if contents:
            suppressed.lift([name], contents)
        catalog.note("added", {"faces": len(contents)})
        return Entered(name, faces, catalog.queries.last_change())


def _found(recogniser: Recogniser, picture: Picture, which: str) -> DetectedFace:
    faces = recogniser.detector.detect(picture.pixels)
    if len(faces) > 1 and not which:
        raise SeveralFaces(
            f"the photo shows {len(faces)} faces: say which one is meant, with face=main, or face=0 to "
            f"face={len(faces) - 1} from the largest to the smallest"
        )
    chosen = chosen_face(recogniser.detector, picture.pixels, faces, which or "main")
    return replace(chosen, face=chosen.face.scaled(picture.scale))


def _entered(gallery: Gallery, person: str, photo: SentPhoto) -> int | None:
    """Id of a photo's face, which is entered if it is not there; None if it was forgotten in this photo."""
    catalog, ref = gallery.catalog, f"{person}/sent-{photo.sha256[:_MARK_LETTERS]}.jpg"
    known = catalog.queries.faces_of_photo(ref)
    if known:
        return known[0].id
    if not without_forgotten(catalog, photo.sha256, [photo.face]):
        return None
    file = PhotoFile(ref, person, photo.sha256, photo.size, 0, photo.detector, None, added=True)
    (face,) = catalog.put_photo(file, [(photo.face, photo.face.vector)], photo.model)
    gallery.crops.put(face, photo.face.crop)
    catalog.dates.put(ref, photo.dates)
    return face
