"""Dates that workers read in photos, on their way into the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from niteru.engine.faces import video
from niteru.engine.photos.faces_folder import LabelledPhoto
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.rows import PhotoState
from niteru.indexer.update.reading import PhotoRead


class DatesReading:
    """Dates in the photos' own files, in one run over them.

    Args:
        catalog: opened for writing, unless the run is only foreseen.
        photos: as they are listed, by ref.
        known: those that the catalogue has.

    Attributes:
        unread: refs of known photos with a face whose files were not read for dates yet.
    """

    def __init__(self, catalog: Catalog, photos: Mapping[str, LabelledPhoto], known: Mapping[str, PhotoState]) -> None:
        self._catalog, read = catalog, catalog.dates.read()
        self.unread = frozenset(
            ref
            for ref in photos.keys() & known.keys() - read
            if known[ref].reason is None and not ref.lower().endswith(tuple(video.SUFFIXES))
        )

    def enter(self, ref: str, read: PhotoRead) -> None:
        """Enter what a photo's file says of its date; the photo is in the catalogue. Must run in a transaction."""
        if read.dates is not None and read.reason is None:
            self._catalog.dates.put(ref, read.dates)
