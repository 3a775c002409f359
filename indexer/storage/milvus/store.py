"""Milvus as little as it is needed here: collections, aliases and rows, with plain errors."""

from __future__ import annotations

import json
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from niteru.engine.work.extras import extra
from niteru.indexer.storage.address import BackendUnavailable, GalleryBusy

os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its chatter about pings goes to standard error
with extra("milvus", "a gallery in Milvus"):
    from pymilvus import DataType, MilvusClient, MilvusException

log = logging.getLogger("niteru")
T = TypeVar("T")
Row = dict[str, Any]
MOST_NEAREST = 16_384
"""Rows that Milvus answers a search with at most."""
TEXT = 65_535
"""Bytes of the longest text."""
_AT_ONCE = 1_000
_WAIT_S = 60.0
"""How long a server that restarts is waited for."""
_SOON_S = 10.0
_PAUSE_S = 2.0
_UNREACHABLE = 2
"""What Milvus's client calls its failure to connect."""
_STRONG = "Strong"
_clients: dict[str, MilvusClient] = {}
_clients_lock = threading.Lock()
# What goes wrong is raised, and told once. (Milvus Lite tells of a call that it does not have, and does without.)
for _talker in ("pymilvus", "milvus_lite", "grpc"):
    logging.getLogger(_talker).setLevel(logging.CRITICAL)


class _NotThere(BackendUnavailable):
    """Milvus has nothing of that name."""


class Store:
    """One Milvus.

    Args:
        uri: that it is reached at; the file of Milvus Lite.
        said: the address as people know it, for errors.

    Whatever is asked of it may raise :class:`BackendUnavailable`, where nobody answers or it does not let us in, and
    :class:`GalleryBusy`, where another process uses this Milvus Lite.

    Attributes:
        patience: seconds that a server which went away is waited for; a service has none, a writer some.
        may_make: whether Milvus Lite may begin in a folder where there is none yet.
    """

    patience = 0.0
    may_make = False

    def __init__(self, uri: str, said: str) -> None:
        """See the class; it is reached at first use."""
        self._uri, self._said, self.lite = uri, said, not uri.startswith("http")

    @property
    def _is_nothing(self) -> bool:
        """Whether this is a folder without Milvus Lite, in which none is to be made."""
        return self.lite and not self.may_make and not Path(self._uri).exists()

    @property
    def _client(self) -> MilvusClient:
        """Of this process: Milvus Lite bears only one, and connections do not survive a fork."""
        with _clients_lock:
            key = f"{os.getpid()} {self._uri}"
            if key not in _clients:
                if self._is_nothing:
                    raise BackendUnavailable(
                        f"{self._said}: no gallery here. Make one: make index FACES=folder-of-photos"
                    )
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
                log.warning("%s: waiting for it to come back", self._said)
                self._reconnect()

    def _reconnect(self) -> None:
        """After a little while, with a new client; what was asked can be asked again, for rows replace their like."""
        time.sleep(_PAUSE_S)
        with _clients_lock:
            _clients.pop(f"{os.getpid()} {self._uri}", None)

    def _plainly(self, error: MilvusException | OSError) -> BackendUnavailable | GalleryBusy:
        """What went wrong, in words for people."""
        if getattr(error, "code", 0) in _NO_ALIAS or "not exist" in str(error) or "not found" in str(error):
            return _NotThere(f"{self._said}: {error}")
        if self.lite and "Open local milvus failed" in str(error):
            return GalleryBusy(
                f"{self._said}: another process is using it; Milvus Lite bears one at a time. End that one, or use "
                "a server: milvus://HOST:19530/NAME"
            )
        message = str(getattr(error, "message", error)).strip() or type(error).__name__
        return BackendUnavailable(f"{self._said}: {message}")

    def collections(self, pattern: str) -> list[str]:
        """Names of the collections that a regular expression fits whole."""
        there = [] if self._is_nothing else self._call("list_collections")
        return sorted(name for name in there if re.fullmatch(pattern, name))

    def has(self, name: str) -> bool:
        """Whether there is a collection of that name."""
        return bool(self.collections(re.escape(name)))

    def make(self, name: str, key: str, fields: dict[str, Any], dimension: int = 2, kind: str = "FLAT") -> None:
        """Make a collection, with a vector in each row, and get it ready.

        Args:
            name: of the collection.
            key: of its fields, what rows are told apart by.
            fields: ``int``, ``float``, or the bytes of the longest text, by name.
            dimension: of ``vector``, a unit vector; nothing of it is used if it is not said.
            kind: of index over it, ``FLAT`` or ``HNSW``.
        """
        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        for field, what in fields.items():
            kinds = {int: DataType.INT64, float: DataType.DOUBLE}
            size = {} if what in kinds else {"max_length": what}
            schema.add_field(field, kinds.get(what, DataType.VARCHAR), is_primary=field == key, **size)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
        index = MilvusClient.prepare_index_params()
        index.add_index("vector", index_type=kind, metric_type="IP", params=_BUILT[kind])
        self._call("create_collection", name, schema=schema, index_params=index, consistency_level=_STRONG)

    def put(self, name: str, rows: Iterator[Row] | Sequence[Row]) -> int:
        """Enter rows, in place of those with the same key; how many."""
        count = 0
        for some in _blocks(rows):
            self._call("upsert", name, some)
            count += len(some)
        return count

    def delete(self, name: str, keys: Sequence[int | str]) -> None:
        """Remove rows."""
        for start in range(0, len(keys), _AT_ONCE):
            self._call("delete", name, ids=list(keys[start : start + _AT_ONCE]))

    def rows(
        self, name: str, fields: list[str], which: str, *, most: int = MOST_NEAREST, strong: bool = True
    ) -> list[Row]:
        """Rows for which an expression holds, no more than so many."""
        how = {} if strong else {"consistency_level": "Bounded"}
        timeout = _WAIT_S if strong else _SOON_S
        found = self._call("query", name, filter=which, output_fields=fields, limit=most, timeout=timeout, **how)
        return [dict(row) for row in found]

    def all_rows(self, name: str, fields: list[str], which: str = "") -> Iterator[Row]:
        """All rows, in no order, without holding them all."""
        source = self._call("query_iterator", name, batch_size=_AT_ONCE, filter=which, output_fields=fields)
        try:
            while block := self._guarded(source.next):
                yield from (dict(row) for row in block)
        finally:
            source.close()

    def count(self, name: str, which: str = "") -> int:
        """How many rows there are."""
        return int(self._call("query", name, filter=which, output_fields=["count(*)"])[0]["count(*)"])

    def nearest(
        self, name: str, query: NDArray[np.float32], k: int, which: str, fields: list[str], effort: int, *, strong: bool
    ) -> list[tuple[float, Row]]:
        """Rows whose vectors are the most alike, the most alike first, with the similarity."""
        how = {} if strong else {"consistency_level": "Bounded"}
        params = {"params": {"ef": max(effort, k)} if effort else {}}
        found = self._call(
            "search",
            name,
            [query.tolist()],
            limit=min(k, MOST_NEAREST),
            filter=which,
            output_fields=fields,
            search_params=params,
            timeout=_SOON_S,
            **how,
        )
        return [(float(hit["distance"]), dict(hit["entity"])) for hit in found[0]]

    def settle(self, name: str) -> None:
        """Make rows durable, and answer from them."""
        self._call("flush", name)
        self.wake(name)

    def wake(self, name: str) -> None:
        """Answer from a collection, if that was not so."""
        self._call("load_collection", name)

    def rest(self, name: str) -> None:
        """Take a collection out of the memory of a server; :meth:`wake` brings it back."""
        if not self.lite:
            self._call("release_collection", name)

    def drop(self, name: str) -> None:
        """Remove a collection with all it holds, if it is there."""
        self._call("drop_collection", name)

    def behind(self, alias: str) -> str | None:
        """The collection that an alias stands for; None if there is no such alias."""
        if self._is_nothing:
            return None
        try:
            return str(self._call("describe_alias", alias, timeout=_SOON_S)["collection_name"])
        except _NotThere:
            return None

    def point(self, alias: str, name: str) -> None:
        """Let an alias stand for a collection from now on, in one step."""
        self._call("alter_alias" if self.behind(alias) else "create_alias", name, alias)

    def unpoint(self, alias: str) -> None:
        """Remove an alias, if it is there."""
        if self.behind(alias):
            self._call("drop_alias", alias)

    def _guarded(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except MilvusException as error:
            raise self._plainly(error) from None


_BUILT = {"FLAT": {}, "HNSW": {"M": 32, "efConstruction": 100}}
_NO_ALIAS = (1600,)


def text(value: str) -> str:
    """A text as it stands in an expression."""
    return json.dumps(value, ensure_ascii=False)


def _is_away(error: MilvusException | OSError) -> bool:
    """Whether nobody answers, for now."""
    return (
        isinstance(error, ConnectionError) or getattr(error, "code", 0) == _UNREACHABLE or "UNAVAILABLE" in str(error)
    )


def _blocks(rows: Iterator[Row] | Sequence[Row]) -> Iterator[list[Row]]:
    block: list[Row] = []
    for row in rows:
        block.append(row)
        if len(block) == _AT_ONCE:
            yield block
            block = []
    if block:
        yield block


def _connected(uri: str) -> MilvusClient:
    """A client, within some seconds: left alone it would try for minutes."""
    if not uri.startswith("http"):
        Path(uri).parent.mkdir(parents=True, exist_ok=True)
    client = MilvusClient(uri, token=os.environ.get("NITERU_MILVUS_TOKEN", ""), timeout=_SOON_S)
    if not uri.startswith("http"):
        for name in client.list_collections():  # opened again, Milvus Lite has none of them loaded
            client.load_collection(name)
    return client
