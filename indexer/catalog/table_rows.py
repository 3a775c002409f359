"""Access to a catalogue by tables and rows, for copying it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

TABLES = {
    "meta": "key",
    "wishes": "hash",
    "people": "id",
    "photos": "id",
    "photo_columns": "photo_id",
    "names_read": "photo_id",
    "picture_dates": "photo_id",
    "claims": "id",
    "faces": "id",
    "verdicts": "id",
    "renamings": "id",
    "facts": "id",
    "history": "id",
    "events": "id",
}
"""Tables and their key columns, in an order in which rows can be entered."""
TableRow = dict[str, Any]


class CatalogTables:
    """Rows of a catalogue, without regard to their meaning.

    Args:
        database: an open connection.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def keys(self, table: str) -> set[Any]:
        """Keys of all rows of a table."""
        return {row[0] for row in self._db.execute(f"SELECT {TABLES[table]} FROM {table}")}

    def rows(self, table: str, at_once: int) -> Iterator[list[TableRow]]:
        """Iterate over a table in blocks of rows, sorted by key."""
        found = self._db.execute(f"SELECT * FROM {table} ORDER BY {TABLES[table]}")
        names = [column[0] for column in found.description]
        while block := found.fetchmany(at_once):
            yield [dict(zip(names, row, strict=True)) for row in block]

    def put_rows(self, table: str, rows: Iterable[TableRow]) -> None:
        """Insert rows or update those with the same key; equal ones are left untouched.

        Must run in a transaction.
        """
        key = TABLES[table]
        for row in rows:
            known = self._db.execute(f"SELECT * FROM {table} WHERE {key} = ?", (row[key],)).fetchone()
            if known != tuple(row.values()):
                columns, marks = ",".join(row), ",".join("?" * len(row))
                new = ",".join(f"{column} = excluded.{column}" for column in row)
                self._db.execute(
                    f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT ({key}) DO UPDATE SET {new}",
                    list(row.values()),
                )

    def defer_references(self) -> None:
        """Allow rows of this transaction to refer to others that are entered later in it."""
        if not self._db.in_transaction:
            self._db.execute("BEGIN")
        self._db.execute("PRAGMA defer_foreign_keys = ON")

    def drop_rows(self, table: str, keys: Iterable[Any]) -> None:
        """Delete rows by their keys. Must run in a transaction."""
        self._db.executemany(f"DELETE FROM {table} WHERE {TABLES[table]} = ?", [(key,) for key in keys])
