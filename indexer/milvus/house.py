"""A gallery in Milvus: the catalogue and the generations there, the crops wherever fsspec reaches."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import cast

from indexer.catalog import Catalog
from indexer.crops import Crops
from indexer.database import CatalogError
from indexer.generation import Generation
from indexer.house import House, HouseClosed, Questions
from indexer.local.lock import gallery_lock
from indexer.milvus.address import Address
from indexer.milvus.generation import MilvusGeneration
from indexer.milvus.lease import Lease
from indexer.milvus.mirror import Mirror, MirroredCatalog
from indexer.milvus.reading import MilvusQuestions
from indexer.milvus.shelf import MilvusShelf
from indexer.milvus.store import Store

CROPS = "NITERU_CROPS"
PATIENCE_S = 180.0
"""How long a run that writes waits for a server that restarts."""
_CROPS_AT = "crops_at"
"""Setting of the catalogue: where the crops lie."""


class MilvusHouse(House):
    """See :class:`House`.

    Args:
        place: the address.

    Raises:
        BadPlace: see :func:`indexer.house.house_of`.
    """

    def __init__(self, place: str) -> None:
        """See the class."""
        self._address = address = Address.read(place)
        self.name, self.folder = address.said, address.folder
        self._file = self.folder / "catalog.sqlite"
        self._store = Store(address.uri, address.said)
        self._mirror = Mirror(self._store, address.name, self._file)
        self.shelf: MilvusShelf = MilvusShelf(self._store, address.name, self._file, address.said)

    @cached_property
    def crops(self) -> Crops:  # type: ignore[override]
        """Beside Milvus Lite; else where ``NITERU_CROPS`` says, or said when the gallery was made."""
        if self._address.lite is not None:
            return Crops(self._address.lite / "crops")
        where = os.environ.get(CROPS) or (self._mirror.setting(_CROPS_AT) if self.exists() else None)
        if not where:
            raise HouseClosed(
                f"{self.name}: say where the crops of its faces are to lie, for all machines to read: "
                f"{CROPS}=s3://bucket/crops, or a shared folder"
            )
        return Crops(where)

    def exists(self) -> bool:
        """See :class:`House`."""
        return self._mirror.exists()

    def catalog(self, *, readonly: bool) -> Catalog:
        """See :class:`House`: the copy on this machine, caught up."""
        if readonly:
            if not self.exists():
                raise CatalogError(f"{self.name}: no gallery here. Make one: make index FACES=folder-of-photos")
            self._mirror.catch_up()
            return Catalog(self._file, readonly=True)
        crops = self.crops  # before anything is made
        self._mirror.begin()
        self._mirror.catch_up()
        catalog = MirroredCatalog(self._file, self._mirror, self.shelf.forget)
        if self._address.lite is None and catalog.setting(_CROPS_AT) is None:
            with catalog.transaction():
                catalog.set_setting(_CROPS_AT, crops.address)
        return catalog

    def lock(self) -> AbstractContextManager[None]:
        """See :class:`House`: this machine's, then that of all machines."""
        return self._locked()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.shelf.current()  # nobody there at all is told at once
        self._store.patience = PATIENCE_S
        with gallery_lock(self.folder), Lease(self._store, self._address.name, self.name).held():
            yield

    def at_request(self, current: Generation) -> tuple[Questions, Generation]:
        """See :class:`House`."""
        mine = cast(MilvusGeneration, current).for_request()
        return MilvusQuestions(mine), mine

    def damages(self, catalog: Catalog) -> list[str]:
        """See :class:`House`: the copy here, and whether it is one."""
        others = self._mirror.differences()
        some = f"{len(others)} rows of the catalogue are otherwise in Milvus than here ({', '.join(others[:5])}): "
        told = [f"{some}remove {self.folder}, and they are read anew"] if others else []
        return catalog.damages() + told

    def files(self) -> list[Path]:
        """See :class:`House`."""
        folder = self._address.lite or self.folder
        return [file for file in sorted(folder.rglob("*")) if file.is_file()]
