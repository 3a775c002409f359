"""Enrol photos by hand, beside those that FACES holds."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from time import monotonic

from niteru.engine.faces.detector import WholePicture
from niteru.engine.failure import Failure
from niteru.engine.photos.decode import content_hash
from niteru.engine.photos.faces_folder import LabelledPhoto, Listing
from niteru.indexer.catalog.rows import PhotoState
from niteru.indexer.catalog.suppression import SuppressionList
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import Enrolment
from niteru.indexer.update.summary import Summary


class BadName(Failure):
    """No name for a person."""


def add(place: str | Path, person: str, photos: list[Path]) -> Summary:
    """Enrol photos of a person, and publish. They stay until they are forgotten, whatever FACES holds.

    Adding somebody who was forgotten is a new wish: it takes the old one back.

    Args:
        place: of the gallery, see :func:`niteru.indexer.storage.open.open_backend`; made if it is not there.
        person: whose they are.
        photos: files, anywhere.

    Raises:
        BadName: a name that no folder could have.
        Unreadable: one of the files cannot be read; none is enrolled then.
        GalleryBusy, CatalogError, ModelUnusable: as their modules say.
    """
    start = monotonic()
    person = unicodedata.normalize("NFC", person.strip())
    if not person or "/" in person or person in (".", "..") or not person.isprintable():
        raise BadName(f"{person!r} is no name for a person: it must be printable and have no slash")
    contents = {path: content_hash(path) for path in photos}
    with Gallery.writing(place) as gallery:
        listing = _listing(contents, person, gallery.catalog.queries.photos())
        crops = gallery.catalog.queries.detector() == WholePicture.name
        summary = Enrolment(gallery, None, listing, crops).carry_out()
        _take_back(gallery, person, listing, set(contents.values()))
    summary.seconds = monotonic() - start
    return summary


def _take_back(gallery: Gallery, person: str, listing: Listing, contents: set[str]) -> None:
    """Lift the wishes about what is enrolled now, and only about that."""
    known = gallery.catalog.queries.photos()
    refs = {photo.ref for photo in listing.photos}
    enrolled = {state.sha256 for state in known.values() if state.ref in refs and state.reason is None} & contents
    if enrolled:
        with gallery.catalog.transaction():
            SuppressionList(gallery.catalog).lift([person], enrolled)


def _listing(contents: dict[Path, str], person: str, known: dict[str, PhotoState]) -> Listing:
    """The photos under names that FACES will not have for others: ``PERSON/photo-1f3a90c2.jpg``, by their content.

    A photo that FACES holds as well is entered beside it: it stays when FACES loses it.
    """
    held = {state.sha256 for state in known.values() if state.person == person and state.added and not state.reason}
    photos = {
        sha256: LabelledPhoto(path, f"{person}/{path.stem}-{sha256[:8]}{path.suffix}", person)
        for path, sha256 in contents.items()
        if sha256 not in held
    }
    return Listing(list(photos.values()), {})
