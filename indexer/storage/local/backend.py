"""A gallery as a folder: SQLite, JPEG files, and generations of an index."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.generations.generation import Generation
from niteru.indexer.storage.backend import House, Questions
from niteru.indexer.storage.local.lock import gallery_lock
from niteru.indexer.storage.local.store import LocalShelf

if TYPE_CHECKING:
    from niteru.indexer.storage.crops import Crops

CATALOG = "catalog.sqlite"


class LocalHouse(House):
    """A folder.

    Args:
        folder: of the gallery.
    """

    def __init__(self, folder: Path) -> None:
        """See the class."""
        self.name, self.folder = str(folder), folder
        self.shelf = LocalShelf(folder)

    @cached_property
    def crops(self) -> Crops:
        """See :class:`House`."""
        from niteru.indexer.storage.crops import Crops

        return Crops(self.folder / "crops")

    def exists(self) -> bool:
        """See :class:`House`."""
        return (self.folder / CATALOG).is_file()

    def catalog(self, *, readonly: bool) -> Catalog:
        """See :class:`House`."""
        return Catalog(self.folder / CATALOG, readonly=readonly)

    def lock(self) -> AbstractContextManager[None]:
        """See :class:`House`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return gallery_lock(self.folder)

    def at_request(self, current: Generation) -> tuple[Questions, Generation]:
        """See :class:`House`."""
        return self.catalog(readonly=True), current

    def files(self) -> list[Path]:
        """See :class:`House`."""
        return [file for file in sorted(self.folder.rglob("*")) if file.is_file()]
