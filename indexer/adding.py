"""Enrol photos by hand, beside those that FACES holds."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from time import monotonic

from engine.faces_folder import LabelledPhoto, Listing
from engine.finder import WholePicture
from engine.photo import content_hash
from indexer.enrol import Run
from indexer.gallery import Gallery
from indexer.lock import gallery_lock
from indexer.rows import PhotoState
from indexer.summary import Summary
from indexer.wishes import Wishes


class BadName(Exception):
    """No name for a person."""


def add(folder: Path, person: str, photos: list[Path]) -> Summary:
    """Enrol photos of a person, and publish. They stay until they are forgotten, whatever FACES holds.

    Adding somebody who was forgotten is a new wish: it takes the old one back.

    Args:
        folder: of the gallery; made if it is not there.
        person: whose they are.
        photos: files, anywhere.

    Raises:
        BadName: a name that no folder could have.
        Unreadable: one of the files cannot be read; none is enrolled then.
        GalleryBusy, CatalogError, ModelUnusable: as their modules say.
    """
    start = monotonic()
    person = unicodedata.normalize("NFC", person.strip())
    if not person or "/" in person or not person.isprintable():
        raise BadName(f"{person!r} is no name for a person: it must be printable and have no slash")
    contents = {path: content_hash(path) for path in photos}
    folder.mkdir(parents=True, exist_ok=True)
    with gallery_lock(folder):
        gallery = Gallery(folder, readonly=False)
        try:
            with gallery.catalog.transaction():
                Wishes(gallery.catalog).lift([person], contents.values())
            listing = _listing(contents, person, gallery.catalog.photos())
            crops = gallery.catalog.finder() == WholePicture.name
            summary = Run(gallery, None, listing, crops).carry_out()
        finally:
            gallery.close()
    summary.seconds = monotonic() - start
    return summary


def _listing(contents: dict[Path, str], person: str, known: dict[str, PhotoState]) -> Listing:
    """The photos under names of their own: ``PERSON/photo.jpg``, or with part of the hash where that is taken."""
    taken = {ref: state.sha256 for ref, state in known.items()}
    held = {state.sha256 for state in known.values() if state.person == person}
    photos = []
    for path, sha256 in contents.items():
        ref = f"{person}/{path.name}"
        if taken.get(ref, sha256) != sha256:
            ref = f"{person}/{path.stem}-{sha256[:8]}{path.suffix}"
        if sha256 in held and ref not in taken:
            continue  # the person has this very photo under another name
        taken[ref] = sha256
        held.add(sha256)
        photos.append(LabelledPhoto(path, ref, person))
    return Listing(photos, {})
