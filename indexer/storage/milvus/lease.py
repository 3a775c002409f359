"""Lease that lets one machine at a time write: a row that names the holder and the time it lapses."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from niteru.indexer.storage.address import GalleryBusy
from niteru.indexer.storage.milvus.store import Store, text

log = logging.getLogger("niteru")
LASTS_S = 300.0
_RENEWED_S = 30.0
_SETTLES_S = 0.2
_KEY = "writer"


class Lease:
    """Right to write to a gallery, renewed while it is held; it lapses five minutes after its holder died.

    Milvus cannot compare and set, so whoever takes the lease reads it again a moment later: of two that take it at the
    same time, one finds the other's name. The clocks of the machines must agree within some seconds.

    Args:
        store: connection to Milvus.
        name: of the gallery.
        address: of the gallery, for messages.
        here: folder on this machine whose own lock is held, so that an earlier holder from here must be dead.
    """

    def __init__(self, store: Store, name: str, address: str, here: Path) -> None:
        self._store, self._rows, self._address, self._here = store, f"{name}__lease", address, here
        self._mine, self._until = secrets.token_hex(8), 0.0

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lease, and renew it in the background.

        Raises:
            GalleryBusy: another machine holds it; the message says which.
        """
        if not self._store.has(self._rows):
            self._store.make(self._rows, "key", {"key": 64, "body": 1_024})
        self._refuse(self._read())
        self._write()
        time.sleep(_SETTLES_S)
        self._refuse(self._read())
        ended = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(ended,), name="niteru-lease", daemon=True)
        renewing.start()
        try:
            yield
        finally:
            ended.set()
            renewing.join()
            if self._read().get("holder") == self._mine:
                self._store.delete(self._rows, [_KEY])

    def check(self) -> None:
        """Fail unless the lease is still held; called before something is written.

        Raises:
            GalleryBusy: it lapsed, and another machine may be writing.
        """
        if time.time() > self._until:
            raise GalleryBusy(
                f"{self._address}: Milvus was out of reach for so long that another machine may write now: try again"
            )

    def _refuse(self, found: dict[str, Any]) -> None:
        others = found.get("holder") != self._mine and found.get("machine") != self._machine()
        if others and float(found.get("until", 0)) > time.time():
            until = time.strftime("%H:%M:%S", time.localtime(found["until"]))
            raise GalleryBusy(
                f"{self._address}: another niteru is at work (process {found['process']} on {found['host']}); wait for "
                f"it to end, or, if it died, until {until}"
            )

    def _read(self) -> dict[str, Any]:
        found = self._store.rows(self._rows, ["body"], f"key == {text(_KEY)}")
        return dict(json.loads(found[0]["body"])) if found else {}

    def _machine(self) -> str:
        """Random name of this machine's folder, kept in it; host names are not unique."""
        file = self._here / "machine"
        if not file.exists():
            file.write_text(secrets.token_hex(8))
        return file.read_text()

    def _write(self) -> None:
        until = time.time() + LASTS_S
        body = {
            "holder": self._mine,
            "machine": self._machine(),
            "host": socket.gethostname(),
            "process": os.getpid(),
            "until": until,
        }
        self._store.put(self._rows, [{"key": _KEY, "body": json.dumps(body), "vector": [0.0, 0.0]}])
        self._until = until

    def _renew(self, ended: threading.Event) -> None:
        while not ended.wait(_RENEWED_S):
            try:
                if self._read().get("holder") != self._mine or time.time() > self._until:
                    self._until = 0.0  # somebody else may hold it by now
                    return
                self._write()
            except Exception as error:  # while a server restarts: the next round renews it, or it lapses
                log.debug("the lease was not renewed: %s", error)
