"""Rows of the catalogue as Milvus stores them: a key, and the columns as JSON."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from niteru.indexer.catalog.table_rows import TABLES
from niteru.indexer.storage.milvus.store import Row

_AT_ONCE = 500


def row_key(table: str, key: Any) -> str:
    """Key of a catalogue row in Milvus: table/key."""
    return f"{table}/{key.hex() if isinstance(key, bytes) else key}"


def mark_of_row(row: Row) -> bytes:
    """Digest of a row's columns, for comparing two rows."""
    return hashlib.blake2b(row["body"].encode(), digest_size=8).digest()


def milvus_row(key: str, body: str) -> Row:
    """Row for Milvus, which requires a vector in every row."""
    return {"key": key, "body": body, "vector": [0.0, 0.0]}


def rows_with_keys(database: sqlite3.Connection, table: str, keys: list[Any]) -> Iterator[Row]:
    """Read the rows of a table with these keys, in the form for Milvus."""
    for source in _asked(database, "*", table, keys):
        names = [column[0] for column in source.description]
        for values in source:
            columns = dict(zip(names, values, strict=True))
            body = json.dumps(columns, default=_as_text, ensure_ascii=False)
            yield milvus_row(row_key(table, columns[TABLES[table]]), body)


def _asked(database: sqlite3.Connection, what: str, table: str, keys: list[Any]) -> Iterator[sqlite3.Cursor]:
    """Select columns of the rows with these keys, a few hundred rows in a statement."""
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        marks = ",".join("?" * len(some))
        yield database.execute(f"SELECT {what} FROM {table} WHERE {TABLES[table]} IN ({marks})", some)


def keys_that_are_gone(database: sqlite3.Connection, table: str, keys: list[Any]) -> list[Any]:
    """Those keys that a table no longer has."""
    there = {row[0] for source in _asked(database, TABLES[table], table, keys) for row in source}
    return [key for key in keys if key not in there]


def enter_row(database: sqlite3.Connection, row: Row) -> None:
    """Enter a row of Milvus into the copy, without columns and tables that today's schema no longer has."""
    table, _, _ = row["key"].partition("/")
    if table not in TABLES:
        return
    stored = json.loads(row["body"])
    known = {column[1] for column in database.execute(f"PRAGMA table_info({table})")}
    columns = [name for name in stored if name in known]
    marks = ",".join("?" * len(columns))
    values = [_as_value(stored[name]) for name in columns]
    database.execute(f"INSERT OR REPLACE INTO {table} ({','.join(columns)}) VALUES ({marks})", values)


def _as_text(value: bytes) -> dict[str, str]:
    return {"b": base64.b64encode(value).decode()}


def _as_value(value: Any) -> Any:
    return base64.b64decode(value["b"]) if isinstance(value, dict) else value
