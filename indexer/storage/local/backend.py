"""A gallery as a folder: SQLite, JPEG files, and generations of an index."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.generations.generation import Generation
from niteru.indexer.storage.backend import Backend, FaceQueries
from niteru.indexer.storage.local.lock import gallery_lock
from niteru.indexer.storage.local.store import LocalGenerationStore

if TYPE_CHECKING:
    from niteru.indexer.storage.crops import Crops

CATALOG = "catalog.sqlite"


class LocalBackend(Backend):
    """A folder.

    Args:
        folder: of the gallery.
    """

    def __init__(self, folder: Path) -> None:
        """See the class."""
        self.name, self.folder = str(folder), folder
        self.generations = LocalGenerationStore(folder)

    @cached_property
    def crops(self) -> Crops:
        """See :class:`Backend`."""
        from niteru.indexer.storage.crops import Crops

        return Crops(self.folder / "crops")

    def exists(self) -> bool:
        """See :class:`Backend`."""
        return (self.folder / CATALOG).is_file()

    def catalog(self, *, readonly: bool) -> Catalog:
        """See :class:`Backend`."""
        return Catalog(self.folder / CATALOG, readonly=readonly)

    def lock(self) -> AbstractContextManager[None]:
        """See :class:`Backend`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.mark()
        return gallery_lock(self.folder)

    def for_request(self, current: Generation) -> tuple[FaceQueries, Generation]:
        """See :class:`Backend`."""
        return self.catalog(readonly=True).queries, current

    def files(self) -> list[Path]:
        """See :class:`Backend`."""
        return [file for file in sorted(self.folder.rglob("*")) if file.is_file()]
