"""A gallery in Milvus: the catalogue and the generations there, the crops wherever fsspec reaches."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import cast

from filelock import FileLock

from niteru.engine.photos.remote import is_remote
from niteru.indexer.catalog.catalog import CROPS_AT, Catalog
from niteru.indexer.catalog.database import CatalogError
from niteru.indexer.generations.generation import Generation
from niteru.indexer.storage.address import BackendUnavailable
from niteru.indexer.storage.backend import WORK, Backend, FaceQueries
from niteru.indexer.storage.crops import Crops
from niteru.indexer.storage.local.lock import LOCK, gallery_lock
from niteru.indexer.storage.milvus.address import Address
from niteru.indexer.storage.milvus.generation import MilvusGeneration
from niteru.indexer.storage.milvus.generation_store import MilvusGenerationStore
from niteru.indexer.storage.milvus.lease import Lease
from niteru.indexer.storage.milvus.mirror import Mirror, MirroredCatalog
from niteru.indexer.storage.milvus.reading import MilvusQueries
from niteru.indexer.storage.milvus.store import Store
from niteru.indexer.storage.reports import withdraw_reports

CROPS = "NITERU_CROPS"
PATIENCE_S = 180.0
"""How long a run that writes waits for a server that restarts."""


class MilvusBackend(Backend):
    """See :class:`Backend`.

    Args:
        place: the address.

    Raises:
        BadAddress: see :func:`niteru.indexer.storage.open.open_backend`.
    """

    def __init__(self, place: str) -> None:
        """See the class."""
        self._address = address = Address.read(place)
        self.name, self.folder = address.said, address.folder
        self._file = self.folder / "catalog.sqlite"
        self._store = Store(address.uri, address.said)
        self._lease = Lease(self._store, address.name, address.said, self.folder)
        self._mirror = Mirror(self._store, address.name, self._file, self._erased)
        self.generations: MilvusGenerationStore = MilvusGenerationStore(
            self._store, address.name, self._file, address.said, self._lease.check
        )

    @cached_property
    def crops(self) -> Crops:
        """Beside Milvus Lite; else where the gallery remembers, at first a new folder where ``NITERU_CROPS`` says."""
        if self._address.lite is not None:
            return Crops(self._address.lite / "crops")
        wanted = os.environ.get(CROPS, "")
        wanted = wanted if is_remote(wanted) or not wanted else str(Path(wanted).resolve())
        kept = self._mirror.setting(CROPS_AT) if self.exists() else None
        if kept is not None:
            if wanted and not kept.startswith(f"{wanted.rstrip('/')}/"):
                raise BackendUnavailable(
                    f"{self.name}: its crops lie at {kept}, and {CROPS} says {wanted}: unset it here"
                )
            return Crops(kept)
        if not wanted:
            raise BackendUnavailable(
                f"{self.name}: say where the crops of its faces are to lie, for all machines to read: "
                f"{CROPS}=s3://bucket/crops, or a shared folder"
            )
        # A folder of its own: galleries count their faces from one.
        return Crops(f"{wanted.rstrip('/')}/{self._address.name}-{secrets.token_hex(4)}")

    def _erased(self) -> None:
        """Somebody was forgotten on another machine: reports and half-done work of this one go as well."""
        withdraw_reports(self.folder)
        shutil.rmtree(self.folder / WORK, ignore_errors=True)

    def folders(self) -> list[Path]:
        """The copy's folder, and that of Milvus Lite."""
        return [folder for folder in (self.folder, self._address.lite) if folder is not None]

    def exists(self) -> bool:
        """See :class:`Backend`."""
        return self._mirror.exists()

    def catalog(self, *, readonly: bool) -> Catalog:
        """See :class:`Backend`: the copy on this machine, caught up."""
        if readonly:
            if not self.exists():
                raise CatalogError(f"{self.name}: no gallery here. Make one: make index FACES=folder-of-photos")
            self._mirror.catch_up(FileLock(self.folder / LOCK))
            return Catalog(self._file, readonly=True)
        crops = self.crops  # before anything is made
        self._mirror.begin()
        self._mirror.catch_up(None)
        catalog = MirroredCatalog(self._file, self._mirror, self.generations.forget, self._lease)
        if self._address.lite is None and catalog.queries.setting(CROPS_AT) is None:
            crops.mark()
            with catalog.transaction():
                catalog.set_setting(CROPS_AT, crops.address)
        return catalog

    def lock(self) -> AbstractContextManager[None]:
        """See :class:`Backend`: this machine's, then that of all machines."""
        return self._locked()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self._store.may_make = True
        self.generations.current()  # nobody there at all is told at once
        self._store.patience = PATIENCE_S
        self.folder.mkdir(parents=True, exist_ok=True)
        with gallery_lock(self.folder), self._lease.held():
            self.mark()
            yield

    def for_request(self, current: Generation) -> tuple[FaceQueries, Generation]:
        """See :class:`Backend`."""
        mine = cast(MilvusGeneration, current).for_request()
        return MilvusQueries(mine), mine

    def damages(self, catalog: Catalog) -> list[str]:
        """See :class:`Backend`: the copy here, and whether it is one."""
        others = self._mirror.differences()
        some = f"{len(others)} rows of the catalogue are otherwise in Milvus than here ({', '.join(others[:5])}): "
        told = [f"{some}remove {self.folder}, and they are read anew"] if others else []
        return catalog.queries.damages() + told

    def files(self) -> list[Path]:
        """See :class:`Backend`."""
        folder = self._address.lite or self.folder
        return [file for file in sorted(folder.rglob("*")) if file.is_file()]
