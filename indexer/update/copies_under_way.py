"""Copies of a gallery that are being made: they hold its people, and are told of when somebody is forgotten."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from niteru.engine.failure import Failure
from niteru.indexer.gallery import Gallery
from niteru.indexer.storage.gallery_list import GalleryList, ListUntrusted, Place
from niteru.indexer.storage.open import open_backend

log = logging.getLogger("niteru")
KNOWN = "copies.json"


@contextlib.contextmanager
def remembered_copy(source: Gallery, target: str) -> Iterator[None]:
    """Keep a copy on record in its source until it is complete; a copy that breaks off stays on record."""
    copies = _list_of(source)
    place = Place(str(Path(target).resolve()) if ":" not in target else target, "", source.catalog.erasures())
    try:
        _add(copies, place)
    except OSError:
        log.warning("%s cannot be written, so nothing remembers this copy until it is complete", source.name)
        yield
        return
    yield
    copies.drop({place.address})


def _add(copies: GalleryList, place: Place) -> None:
    with contextlib.suppress(ListUntrusted):
        if place.address in {known.address for known in copies.places()}:
            return  # resumed: it may hold whoever was there when it was begun
    copies.add(place)


def outdated_copies(gallery: Gallery) -> list[str]:
    """Copies on record that may hold somebody who was forgotten since, one sentence each with the next step."""
    copies = _list_of(gallery)
    try:
        if copies.set_aside.exists():
            raise ListUntrusted(f"{copies.set_aside} could not be read")
        places = copies.places()
    except ListUntrusted as error:
        return [f"{error}, and may name unfinished copies that hold them: delete those, then that file"]
    return [told for place in places if place.erasures < gallery.catalog.erasures() and (told := _told(gallery, place))]


def _told(gallery: Gallery, copy: Place) -> str | None:
    try:
        backend = open_backend(copy.address)
        if not backend.exists():
            backend.folder.parent.stat()  # a disk that is not there says nothing
            return None
        with closing(backend.catalog(readonly=True)) as catalog:
            if catalog.half_a_copy_of is None and catalog.erasures() >= gallery.catalog.erasures():
                return None
            half = catalog.half_a_copy_of is not None
    except (Failure, OSError, sqlite3.Error) as error:
        return f"the copy in {copy.address} may hold them and cannot be looked at ({error}): make it reachable"
    if half:
        return (
            f"half a copy in {copy.address} may hold them: delete it, or end it with niteru copy {gallery.name} "
            f"{copy.address}, which leaves them out"
        )
    return f"the copy in {copy.address} was made before and may hold them: forget them there, too"


def _list_of(gallery: Gallery) -> GalleryList:
    return GalleryList(gallery.folder / KNOWN, gallery.backend.identity(gallery.catalog))
