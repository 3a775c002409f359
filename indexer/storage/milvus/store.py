"""Collections, aliases and rows of Milvus: the few calls that galleries need."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from niteru.indexer.storage.milvus.connection import SOON_S, Connection, DataType, MilvusClient, NotThere

Row = dict[str, Any]
MOST_NEAREST = 16_384
"""Most rows that Milvus answers a search with."""
TEXT = 65_535
"""Bytes of the longest text."""
_AT_ONCE = 1_000
_STRONG = "Strong"
_BUILT = {"FLAT": {}, "HNSW": {"M": 32, "efConstruction": 100}}


class Store(Connection):
    """Collections of one Milvus, and the rows in them."""

    def collections(self, pattern: str) -> list[str]:
        """Sorted names of the collections whose whole name matches a regular expression."""
        there = [] if self._is_nothing else self._call("list_collections")
        return sorted(name for name in there if re.fullmatch(pattern, name))

    def has(self, name: str) -> bool:
        """Whether a collection of that name exists."""
        return bool(self.collections(re.escape(name)))

    def make(self, name: str, key: str, fields: dict[str, Any], dimension: int = 2, kind: str = "FLAT") -> None:
        """Create a collection with a vector in each row, ready for use.

        Args:
            name: of the collection.
            key: the field that identifies a row.
            fields: ``int``, ``float``, or the length of the longest text in bytes, by name.
            dimension: of ``vector``, a unit vector; Milvus wants one, and 2 numbers do where it is not searched.
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
        """Enter rows, replacing those with the same key; their number."""
        count = 0
        for block in _blocks(rows):
            self._call("upsert", name, block)
            count += len(block)
        return count

    def delete(self, name: str, keys: Sequence[int | str]) -> None:
        """Remove rows by their keys."""
        for start in range(0, len(keys), _AT_ONCE):
            self._call("delete", name, ids=list(keys[start : start + _AT_ONCE]))

    def rows(
        self, name: str, fields: list[str], which: str, *, most: int = MOST_NEAREST, strong: bool = True
    ) -> list[Row]:
        """Rows that satisfy an expression, up to a number of them."""
        how: dict[str, Any] = {} if strong else {"consistency_level": "Bounded", "timeout": SOON_S}
        found = self._call("query", name, filter=which, output_fields=fields, limit=most, **how)
        return [dict(row) for row in found]

    def all_rows(self, name: str, fields: list[str], which: str = "") -> Iterator[Row]:
        """Iterate over all rows in no order, without holding them all."""
        source = self._call("query_iterator", name, batch_size=_AT_ONCE, filter=which, output_fields=fields)
        try:
            while block := self._guarded(source.next):
                yield from (dict(row) for row in block)
        finally:
            source.close()

    def count(self, name: str, which: str = "") -> int:
        """Number of rows, of all or of those that satisfy an expression."""
        return int(self._call("query", name, filter=which, output_fields=["count(*)"])[0]["count(*)"])

    def nearest(
        self, name: str, query: NDArray[np.float32], k: int, which: str, fields: list[str], effort: int, *, strong: bool
    ) -> list[tuple[float, Row]]:
        """Similarities and rows of the most similar vectors, the most similar first."""
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
            timeout=SOON_S,
            **how,
        )
        return [(float(hit["distance"]), dict(hit["entity"])) for hit in found[0]]

    def settle(self, name: str) -> None:
        """Make a collection's rows durable, and answer from them."""
        self._call("flush", name)
        self.wake(name)

    def wake(self, name: str) -> None:
        """Load a collection, so that it can be searched."""
        self._call("load_collection", name)

    def rest(self, name: str) -> None:
        """Unload a collection from a server's memory; :meth:`wake` brings it back."""
        if not self.lite:
            self._call("release_collection", name)

    def drop(self, name: str) -> None:
        """Remove a collection with all its rows, if it exists."""
        self._call("drop_collection", name)

    def behind(self, alias: str) -> str | None:
        """The collection that an alias points to; None if there is no such alias."""
        if self._is_nothing:
            return None
        try:
            return str(self._call("describe_alias", alias, timeout=SOON_S)["collection_name"])
        except NotThere:
            return None

    def point(self, alias: str, name: str) -> None:
        """Point an alias to a collection, in one step."""
        self._call("alter_alias" if self.behind(alias) else "create_alias", name, alias)

    def unpoint(self, alias: str) -> None:
        """Remove an alias, if it exists."""
        if self.behind(alias):
            self._call("drop_alias", alias)


def text(value: str) -> str:
    """A text quoted for an expression."""
    return json.dumps(value, ensure_ascii=False)


def _blocks(rows: Iterator[Row] | Sequence[Row]) -> Iterator[list[Row]]:
    block: list[Row] = []
    for row in rows:
        block.append(row)
        if len(block) == _AT_ONCE:
            yield block
            block = []
    if block:
        yield block
