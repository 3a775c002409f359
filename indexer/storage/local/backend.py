"""Backend of a gallery in a folder: a SQLite catalogue, crops as JPEG files, generations as subfolders."""

from __future__ import annotations

import contextlib
from contextlib import AbstractContextManager, closing
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import override

from niteru.indexer.catalog.connection import CatalogError
from niteru.indexer.catalog.readers import Readers
from niteru.indexer.generations.generation import Generation
from niteru.indexer.storage.backend import Backend, FaceQueries, files_below
from niteru.indexer.storage.local.generation_store import LocalGenerationStore
from niteru.indexer.storage.local.lock import gallery_lock

if TYPE_CHECKING:
    from niteru.indexer.catalog.catalog import Catalog
    from niteru.indexer.storage.crops import Crops
    from niteru.indexer.storage.report_folder import Origin

CATALOG = "catalog.sqlite"


class LocalBackend(Backend):
    """Storage backend of a gallery in a folder.

    Args:
        folder: the gallery; it need not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self.name, self.folder = str(folder), folder
        self.generations = LocalGenerationStore(folder)
        self._readers = Readers(self.catalog_file)

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
        # A question needs readers alone; all that can be written takes as long to load as a question takes to answer.
        from niteru.indexer.catalog.catalog import Catalog
        from niteru.indexer.storage.local.identity import settle

        catalog = Catalog(self.catalog_file, readonly=readonly)
        if not readonly:
            settle(catalog, self.catalog_file)
        return catalog

    @override
    def identity(self, catalog: Catalog) -> str:
        from niteru.indexer.storage.local.identity import is_settled

        if not is_settled(catalog, self.folder):
            with (
                contextlib.suppress(CatalogError, OSError),  # a gallery may be read-only
                closing(self.catalog(readonly=False)) as fresh,
            ):
                return fresh.gallery_id
        return catalog.gallery_id

    @override
    def origin(self) -> Origin:
        from niteru.indexer.storage.report_folder import Origin

        with closing(self.catalog(readonly=True)) as catalog:
            return Origin(catalog.gallery_id, catalog.erasures())

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
        return self._readers.borrow(), current

    @override
    def let_go(self) -> None:
        self._readers.close()

    @override
    def files(self) -> list[Path]:
        return list(files_below(self.folder))
