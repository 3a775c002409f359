"""Enrolment of single photos by hand, beside those in FACES."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

from niteru.engine.faces.detector import WholePicture
from niteru.engine.photos.faces_folder import LabelledPhoto, Listing
from niteru.engine.photos.file_content import content_hash
from niteru.engine.photos.person_name import checked_name
from niteru.indexer.catalog.rows import PhotoState
from niteru.indexer.catalog.suppression import SuppressionList
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrolment import Enrolment
from niteru.indexer.update.summary import Summary


def add(address: str | Path, person: str, photos: list[Path]) -> Summary:
    """Enrol photos of a person, and publish; they stay until they are forgotten, whatever FACES contains.

    Adding somebody who was forgotten takes them off the suppression list.

    Args:
        address: of the gallery, see :func:`niteru.indexer.storage.open.open_backend`; a missing one is made.
        person: name of the person in the photos.
        photos: files, anywhere.

    Raises:
        BadName: the name could not be a folder's.
        Unreadable: one of the files cannot be read; none is enrolled then.
        GalleryBusy: another run holds the gallery.
        CatalogError, ModelUnusable: the catalogue or the model cannot be used.
    """
    start = monotonic()
    name = checked_name(person)
    contents = {path: content_hash(path) for path in photos}
    with Gallery.writing(address) as gallery:
        person = gallery.catalog.queries.known_name(name) or name
        listing = _listing(contents, person, gallery.catalog.queries.photos())
        crops = gallery.catalog.queries.detector() == WholePicture.name
        summary = Enrolment(gallery, None, listing, crops).carry_out()
        _lift_suppression(gallery, person, listing, set(contents.values()))
    summary.seconds = monotonic() - start
    return summary


def _lift_suppression(gallery: Gallery, person: str, listing: Listing, contents: set[str]) -> None:
    """Take the person and the photos that were enrolled off the suppression list, and nothing else."""
    known = gallery.catalog.queries.photos()
    refs = {photo.ref for photo in listing.photos}
    enrolled = {state.sha256 for state in known.values() if state.ref in refs and state.reason is None} & contents
    if enrolled:
        with gallery.catalog.transaction():
            SuppressionList(gallery.catalog).lift([person], enrolled)


def _listing(contents: dict[Path, str], person: str, known: dict[str, PhotoState]) -> Listing:
    """List photos under names from their content, which FACES has for no other: ``PERSON/photo-1f3a90c2.jpg``.

    A photo that FACES contains as well is entered a second time, so that it stays when FACES loses it.
    """
    held = {state.sha256 for state in known.values() if state.person == person and state.added and not state.reason}
    photos = {
        sha256: LabelledPhoto(path, f"{person}/{path.stem}-{sha256[:8]}{path.suffix}", person)
        for path, sha256 in contents.items()
        if sha256 not in held
    }
    return Listing(list(photos.values()), {})
