"""Rows of the catalogue as Milvus keeps them: a key, and the columns as JSON."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from niteru.indexer.catalog.tables import TABLES
from niteru.indexer.storage.milvus.store import Row

_AT_ONCE = 500


def row_key(table: str, key: Any) -> str:
    """The key of a row in Milvus: its table, and its key there."""
    return f"{table}/{key.hex() if isinstance(key, bytes) else key}"


def mark_of_row(row: Row) -> bytes:
    """A digest of a row's columns, by which two rows are compared."""
    return hashlib.blake2b(row["body"].encode(), digest_size=8).digest()


def milvus_row(key: str, body: str) -> Row:
    """A row for Milvus, which wants a vector with everything."""
    return {"key": key, "body": body, "vector": [0.0, 0.0]}


def rows_with_keys(database: sqlite3.Connection, table: str, keys: list[Any]) -> Iterator[Row]:
    """The rows of a table with these keys, as Milvus keeps them."""
    for source in _asked(database, "*", table, keys):
        names = [column[0] for column in source.description]
        for values in source:
            said = dict(zip(names, values, strict=True))
            yield milvus_row(
                row_key(table, said[TABLES[table]]), json.dumps(said, default=_as_text, ensure_ascii=False)
            )


def _asked(database: sqlite3.Connection, what: str, table: str, keys: list[Any]) -> Iterator[sqlite3.Cursor]:
    """Some columns of the rows with these keys, a few hundred at a time."""
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        marks = ",".join("?" * len(some))
        yield database.execute(f"SELECT {what} FROM {table} WHERE {TABLES[table]} IN ({marks})", some)


def keys_that_are_gone(database: sqlite3.Connection, table: str, keys: list[Any]) -> list[Any]:
    """Those of some keys that a table does not have any more."""
    there = {row[0] for source in _asked(database, TABLES[table], table, keys) for row in source}
    return [key for key in keys if key not in there]


def enter_row(database: sqlite3.Connection, row: Row) -> None:
    """A row of Milvus into the copy; a column that today's tables do not have any more is left out."""
    table, _, _ = row["key"].partition("/")
    if table not in TABLES:
        return
    said = json.loads(row["body"])
    known = {column[1] for column in database.execute(f"PRAGMA table_info({table})")}
    columns = [name for name in said if name in known]
    marks = ",".join("?" * len(columns))
    values = [_as_value(said[name]) for name in columns]
    database.execute(f"INSERT OR REPLACE INTO {table} ({','.join(columns)}) VALUES ({marks})", values)


def _as_text(value: bytes) -> dict[str, str]:
    return {"b": base64.b64encode(value).decode()}


def _as_value(value: Any) -> Any:
    return base64.b64decode(value["b"]) if isinstance(value, dict) else value
