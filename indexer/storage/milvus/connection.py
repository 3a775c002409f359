"""Connection to one Milvus: a client for each process, patience with a server that restarts, and plain errors."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from niteru.engine.work.extras import extra
from niteru.indexer.storage.address import BackendUnavailable, GalleryBusy

os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its messages about pings go to standard error
with extra("milvus", "a gallery in Milvus"):
    from pymilvus import DataType, MilvusClient, MilvusException

__all__ = ["SOON_S", "Connection", "DataType", "MilvusClient", "NotThere"]

log = logging.getLogger("niteru")
T = TypeVar("T")
SOON_S = 10.0
"""Seconds that an answer may take for which somebody is waiting."""
_WAIT_S = 60.0
"""Seconds that all other answers may take."""
_PAUSE_S = 2.0
_UNREACHABLE = 2
"""Code by which Milvus's client means that it could not connect."""
_NO_ALIAS = 1600
_clients: dict[str, MilvusClient] = {}
_clients_lock = threading.Lock()
# Failures are raised, and reported once. (Milvus Lite also logs calls that it lacks and does without.)
for _talker in ("pymilvus", "milvus_lite", "grpc"):
    logging.getLogger(_talker).setLevel(logging.CRITICAL)


class NotThere(BackendUnavailable):
    """Milvus has no collection or alias of that name."""


class Connection:
    """Connection to one Milvus, made at first use.

    Every call may raise :class:`BackendUnavailable`, where the server does not answer or refuses the token, and
    :class:`GalleryBusy`, where another process uses this Milvus Lite.

    Args:
        uri: of the server, or the file of Milvus Lite.
        address: of the gallery as people write it, for messages.

    Attributes:
        patience: seconds to wait for a server that went away; none for a service, some for a writer.
        may_make: whether Milvus Lite may be started in a folder that has none yet.
    """

    patience = 0.0
    may_make = False

    def __init__(self, uri: str, address: str) -> None:
        self._uri, self._address, self.lite = uri, address, not uri.startswith("http")

    @property
    def _is_nothing(self) -> bool:
        """Whether this is a folder without Milvus Lite, in which none may be started."""
        return self.lite and not self.may_make and not Path(self._uri).exists()

    @property
    def _client(self) -> MilvusClient:
        """This process's client: Milvus Lite allows one process, and connections do not survive a fork."""
        with _clients_lock:
            key = f"{os.getpid()} {self._uri}"
            if key not in _clients:
                if self._is_nothing:
                    raise BackendUnavailable(f"{self._address}: no gallery here. Make one: niteru index FOLDER")
                _clients[key] = _connected(self._uri)
            return _clients[key]

    def _call(self, verb: str, *words: Any, timeout: float = _WAIT_S, **more: Any) -> Any:
        ends = time.monotonic() + self.patience
        while True:
            try:
                return getattr(self._client, verb)(*words, timeout=timeout, **more)
            except (MilvusException, OSError) as error:
                if self.lite or not _is_away(error) or time.monotonic() > ends:
                    raise self._plainly(error) from None
                log.warning("%s: waiting for it to come back", self._address)
                self._reconnect()

    def _reconnect(self) -> None:
        """Wait a little and drop the client; calls can be repeated, for rows replace those with the same key."""
        time.sleep(_PAUSE_S)
        with _clients_lock:
            _clients.pop(f"{os.getpid()} {self._uri}", None)

    def _guarded(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except MilvusException as error:
            raise self._plainly(error) from None

    def _plainly(self, error: MilvusException | OSError) -> BackendUnavailable | GalleryBusy:
        """The failure to raise for an error of Milvus's client, with the next step where one is known."""
        if getattr(error, "code", 0) == _NO_ALIAS or "not exist" in str(error) or "not found" in str(error):
            return NotThere(f"{self._address}: {error}")
        if self.lite and "Open local milvus failed" in str(error):
            return GalleryBusy(
                f"{self._address}: another process is using it, and Milvus Lite allows one at a time. End that one, or "
                "use a server: milvus://HOST:19530/NAME"
            )
        message = str(getattr(error, "message", error)).strip() or type(error).__name__
        return BackendUnavailable(f"{self._address}: {message}")


def _is_away(error: MilvusException | OSError) -> bool:
    """Whether the server does not answer for now, and may come back."""
    return (
        isinstance(error, ConnectionError) or getattr(error, "code", 0) == _UNREACHABLE or "UNAVAILABLE" in str(error)
    )


def _connected(uri: str) -> MilvusClient:
    """A connected client, or a failure within seconds; the client's own retries go on for minutes."""
    if not uri.startswith("http"):
        Path(uri).parent.mkdir(parents=True, exist_ok=True)
    client = MilvusClient(uri, token=os.environ.get("NITERU_MILVUS_TOKEN", ""), timeout=SOON_S)
    if not uri.startswith("http"):
        for name in client.list_collections():  # Milvus Lite opens with none of its collections loaded
            client.load_collection(name)
    return client
