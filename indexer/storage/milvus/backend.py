"""Backend of a gallery in Milvus: catalogue and generations there, crops in a folder or bucket that fsspec reaches."""

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
from typing_extensions import override

from niteru.engine.photos.source import is_remote
from niteru.engine.work.user_folders import config_folder
from niteru.indexer.catalog.catalog import CROPS_AT, ERASURES, GALLERY_ID, Catalog
from niteru.indexer.catalog.connection import CatalogError
from niteru.indexer.generations.generation import Generation
from niteru.indexer.storage.address import BackendUnavailable
from niteru.indexer.storage.backend import KEYS, WORK, Backend, FaceQueries, files_below
from niteru.indexer.storage.crops import Crops
from niteru.indexer.storage.local.lock import LOCK, gallery_lock
from niteru.indexer.storage.milvus.address import Address
from niteru.indexer.storage.milvus.generation import MilvusGeneration
from niteru.indexer.storage.milvus.generation_store import MilvusGenerationStore
from niteru.indexer.storage.milvus.lease import Lease
from niteru.indexer.storage.milvus.mirror import Mirror
from niteru.indexer.storage.milvus.mirrored_catalog import MirroredCatalog
from niteru.indexer.storage.milvus.reading import MilvusQueries
from niteru.indexer.storage.milvus.store import Store
from niteru.indexer.storage.report_folder import Origin
from niteru.indexer.storage.reports import Reports

CROPS = "NITERU_CROPS"
PATIENCE_S = 180.0
"""Seconds that a writing run waits for a server that restarts."""


class MilvusBackend(Backend):
    """Storage backend of a gallery in Milvus or Milvus Lite.

    Args:
        address: ``milvus://HOST:PORT/NAME``, or ``milvus:FOLDER`` for Milvus Lite.

    Raises:
        BadAddress: the address is malformed.
    """

    def __init__(self, address: str) -> None:
        self._address = parts = Address.read(address)
        self.name, self.folder = address, parts.folder
        self._file = self.folder / "catalog.sqlite"
        self._store = Store(parts.uri, address)
        self._lease = Lease(self._store, parts.name, address, self.folder)
        self._mirror = Mirror(self._store, parts.name, self._file, self._erased)
        self.generations: MilvusGenerationStore = MilvusGenerationStore(
            self._store, parts.name, self._file, address, self._lease.check
        )

    @cached_property
    @override
    def crops(self) -> Crops:
        """Crops beside Milvus Lite, or where the gallery recorded them; for a new one, a new folder in NITERU_CROPS."""
        if self._address.lite is not None:
            return Crops(self._address.lite / "crops")
        wanted = os.environ.get(CROPS, "")
        wanted = wanted if is_remote(wanted) or not wanted else str(Path(wanted).resolve())
        kept = self._mirror.setting(CROPS_AT) if self.exists() else None
        if kept is not None:
            if wanted and not kept.startswith(f"{wanted.rstrip('/')}/"):
                raise BackendUnavailable(
                    f"{self.name}: its crops lie at {kept}, but {CROPS} says {wanted}: unset {CROPS} on this machine"
                )
            return Crops(kept)
        if not wanted:
            raise BackendUnavailable(
                f"{self.name}: set {CROPS} to where the crops of its faces should lie, readable for all machines: "
                f"{CROPS}=s3://bucket/crops, or a shared folder"
            )
        # A folder of its own, for every gallery counts its faces from one.
        return Crops(f"{wanted.rstrip('/')}/{self._address.name}-{secrets.token_hex(4)}")

    def _erased(self) -> None:
        """Remove this machine's reports and unfinished work after another machine forgot somebody."""
        today = self.origin()
        Reports(self.folders(), today.gallery).withdraw(today.erasures)
        shutil.rmtree(self.folder / WORK, ignore_errors=True)

    @override
    def folders(self) -> list[Path]:
        return [folder for folder in (self.folder, self._address.lite) if folder is not None]

    @property
    @override
    def keys_file(self) -> Path:
        """File beside Milvus Lite; for a server among this machine's settings, for the folder here is but a copy."""
        if self._address.lite is not None:
            return self._address.lite / KEYS
        return config_folder() / "keys" / f"{self.folder.name}.json"

    @override
    def exists(self) -> bool:
        return self._mirror.exists()

    @override
    def catalog(self, *, readonly: bool) -> Catalog:
        """Open this machine's copy of the catalogue, after catching it up with Milvus."""
        if readonly:
            if not self.exists():
                raise CatalogError(f"{self.name}: no gallery here. Make one: niteru index FOLDER")
            self._mirror.catch_up(FileLock(self.folder / LOCK))
            return Catalog(self._file, readonly=True)
        crops = self.crops  # fails before anything is made
        self._mirror.begin()
        self._mirror.catch_up(None)
        catalog = MirroredCatalog(self._file, self._mirror, self.generations.forget, self._lease)
        if self._address.lite is None and catalog.queries.setting(CROPS_AT) is None:
            crops.mark()
            with catalog.transaction():
                catalog.set_setting(CROPS_AT, crops.address)
        return catalog

    @override
    def identity(self, catalog: Catalog) -> str:
        return catalog.gallery_id

    @override
    def origin(self) -> Origin:
        if not self.exists():
            raise CatalogError(f"{self.name}: no gallery here. Make one: niteru index FOLDER")
        return Origin(self._mirror.setting(GALLERY_ID) or "", int(self._mirror.setting(ERASURES) or 0))

    @override
    def lock(self) -> AbstractContextManager[None]:
        """Hold this machine's lock, and the lease that counts for all machines."""
        return self._locked()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self._store.may_make = True
        self.generations.current()  # fails at once where no server answers
        self._store.patience = PATIENCE_S
        self.folder.mkdir(parents=True, exist_ok=True)
        with gallery_lock(self.folder), self._lease.held():
            self.mark()
            yield

    @override
    def for_request(self, current: Generation) -> tuple[FaceQueries, Generation]:
        mine = cast(MilvusGeneration, current).for_request()
        return MilvusQueries(mine), mine

    @override
    def damages(self, catalog: Catalog) -> list[str]:
        """Defects of the copy on this machine, and rows in which it differs from Milvus."""
        problems = catalog.queries.damages()
        if rows := self._mirror.differences():
            problems.append(
                f"{len(rows)} rows of the catalogue differ between Milvus and this machine ({', '.join(rows[:5])}): "
                f"remove {self.folder}, which is then copied anew"
            )
        return problems

    @override
    def files(self) -> list[Path]:
        folder = self._address.lite or self.folder
        return list(files_below(folder))
