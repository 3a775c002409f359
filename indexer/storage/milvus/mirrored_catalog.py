"""Catalogue opened for writing in this machine's copy, whose changes go to Milvus at the end of each transaction."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from typing_extensions import override

from niteru.indexer.catalog.catalog import GALLERY_ID, Catalog
from niteru.indexer.storage.milvus.lease import Lease
from niteru.indexer.storage.milvus.mirror import Mirror


class MirroredCatalog(Catalog):
    """Writable copy of the catalogue that carries every transaction over to Milvus.

    Args:
        file: the copy, caught up with Milvus.
        mirror: between the copy and Milvus.
        forgets: called with the ids of faces that are gone.
        lease: held by this machine.
    """

    def __init__(self, file: Path, mirror: Mirror, forgets: Callable[[list[int]], None], lease: Lease) -> None:
        super().__init__(file)
        self._mirror, self._forgets, self._lease = mirror, forgets, lease
        mirror.watch(self._db)
        if mirror.setting(GALLERY_ID) is None:  # made here, by a migration that nobody watched
            with self._db:
                self._db.execute("INSERT OR IGNORE INTO outbox VALUES ('meta', ?)", (GALLERY_ID,))
        self._ended()  # carries over what an interrupted run left

    @override
    def _ended(self) -> None:
        self._lease.check()
        self._mirror.carry_over(self._db, self._forgets)

    @override
    def scrub(self) -> None:
        """Leave no byte of what was deleted in the copy, nor in Milvus's collection."""
        super().scrub()
        self._lease.check()
        self._mirror.rewrite(self._db)
