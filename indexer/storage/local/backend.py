"""Backend of a gallery in a folder: a SQLite catalogue, crops as JPEG files, generations as subfolders."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import override

from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.generations.generation import Generation
from niteru.indexer.storage.backend import Backend, FaceQueries
from niteru.indexer.storage.local.generation_store import LocalGenerationStore
from niteru.indexer.storage.local.lock import gallery_lock

if TYPE_CHECKING:
    from niteru.indexer.storage.crops import Crops

CATALOG = "catalog.sqlite"


class LocalBackend(Backend):
    """Storage backend of a gallery in a folder.

    Args:
        folder: the gallery; it need not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self.name, self.folder = str(folder), folder
        self.generations = LocalGenerationStore(folder)

    @cached_property
    @override
    def crops(self) -> Crops:
        from niteru.indexer.storage.crops import Crops

        return Crops(self.folder / "crops")

    @override
    def exists(self) -> bool:
        return self.catalog_file.is_file()

    @override
    def catalog(self, *, readonly: bool) -> Catalog:
        return Catalog(self.catalog_file, readonly=readonly)

    @property
    @override
    def catalog_file(self) -> Path:
        return self.folder / CATALOG

    @override
    def lock(self) -> AbstractContextManager[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.mark()
        return gallery_lock(self.folder)

    @override
    def for_request(self, current: Generation) -> tuple[FaceQueries, Generation]:
        return self.catalog(readonly=True).queries, current

    @override
    def files(self) -> list[Path]:
        return [file for file in sorted(self.folder.rglob("*")) if file.is_file()]
