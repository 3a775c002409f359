"""One writer at a time, whatever machine it is on: a row that says who, and until when."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

from indexer.house import GalleryBusy, HouseClosed
from indexer.milvus.store import Store, text

LASTS_S = 120.0
_RENEWED_S = 30.0
_SETTLES_S = 0.2
_KEY = "writer"


class Lease:
    """The right to write to a gallery, renewed while it is held; it lapses two minutes after its holder died.

    Milvus cannot compare and set: two that take it within the same tenth of a second are told apart by reading again.
    The clocks of the machines must agree within some seconds.

    Args:
        store: where the gallery is.
        name: of the gallery.
        said: the address, for errors.
    """

    def __init__(self, store: Store, name: str, said: str) -> None:
        """See the class."""
        self._store, self._rows, self._said = store, f"{name}__lease", said
        self._mine = secrets.token_hex(8)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold it.

        Raises:
            GalleryBusy: another machine does; says which.
        """
        if not self._store.collections(self._rows):
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
            self._store.delete(self._rows, [_KEY])

    def _refuse(self, found: dict[str, Any]) -> None:
        # This machine's own lock is held already: whoever was here before is dead.
        others = found.get("holder") != self._mine and found.get("host") != socket.gethostname()
        if others and float(found.get("until", 0)) > time.time():
            until = time.strftime("%H:%M:%S", time.localtime(found["until"]))
            raise GalleryBusy(
                f"{self._said}: another niteru is at work (process {found['process']} on {found['host']}); wait for it "
                f"to end, or, if it died, until {until}"
            )

    def _read(self) -> dict[str, Any]:
        found = self._store.rows(self._rows, ["body"], f"key == {text(_KEY)}")
        return dict(json.loads(found[0]["body"])) if found else {}

    def _write(self) -> None:
        said = {
            "holder": self._mine,
            "host": socket.gethostname(),
            "process": os.getpid(),
            "until": time.time() + LASTS_S,
        }
        self._store.put(self._rows, [{"key": _KEY, "body": json.dumps(said), "vector": [0.0, 0.0]}])

    def _renew(self, ended: threading.Event) -> None:
        while not ended.wait(_RENEWED_S):
            with contextlib.suppress(HouseClosed):  # a server that restarts: it is renewed the next time
                self._write()
