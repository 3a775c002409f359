"""Seals: checksums of the catalogue's rows, by which a row that was damaged on the disk is told from a sound one.

SQLite notices damage to the structure of its file, but not a changed letter in a name or a flipped bit in a vector.
"""

from __future__ import annotations

import sqlite3
import zlib
from typing import Any

from niteru.indexer.catalog.connection import UNSOUND

SEALED = {
    "meta": ("key", "value"),
    "wishes": ("hash", "at"),
    "people": ("id", "name", "album"),
    "photos": ("id", "ref", "person_id", "sha256", "size", "mtime_ns", "finder", "reason", "added"),
    "photo_columns": ("photo_id", "pairs"),
    "names_read": ("photo_id", "mark", "width", "height"),
    "picture_dates": ("photo_id", "taken", "digitised", "xmp"),
    "claims": (
        *("id", "photo_id", "name", "round(x * 1e6)", "round(y * 1e6)"),
        *("round(width * 1e6)", "round(height * 1e6)", "sources"),
    ),
    "faces": (
        *("id", "photo_id", "person_id", "x", "y", "width", "height", "landmarks"),
        *("round(score * 1e6)", "quality", "model", "vector", "round(second * 1e6)"),
    ),
    "verdicts": (
        *("id", "step", "sha256", "x", "y", "width", "height", "round(second * 1e6)"),
        *("kind", "person", "before"),
    ),
    "renamings": ("id", "step", "old", "new"),
    "facts": ("id", "step", "person", "meaning", "value"),
    "history": ("id", "at", "person", "before", "after", "by_hand"),
    "events": ("id", "at", "what", "detail"),
    "touched": ("person_id",),
    "undated": ("photo_id",),
}
"""What each table's seal is made of. Floats are rounded, for SQLite's versions write their last digits differently."""


def know_seals(database: sqlite3.Connection) -> None:
    """Let a connection compute seals."""
    database.create_function("row_seal", -1, _row_seal, deterministic=True)
    database.create_function("is_sound", -1, _is_sound, deterministic=True)


def seal_rows(database: sqlite3.Connection) -> None:
    """Seal all rows that were written in this transaction."""
    for table in SEALED:
        database.execute(f"UPDATE {table} SET seal = row_seal({_content(table)}) WHERE seal IS NULL")


def read_sound_rows_only(database: sqlite3.Connection) -> None:
    """From now on, reading a damaged row through this connection is an error. It cannot write any more."""
    database.create_function("must_be_sound", -1, _must_be_sound, deterministic=True)
    for table in SEALED:
        database.execute(
            f"CREATE TEMP VIEW {table} AS SELECT {_columns(database, table)} FROM main.{table}"
            f" WHERE must_be_sound(seal, {_content(table)})"
        )


def _columns(database: sqlite3.Connection, table: str) -> str:
    """Columns of a view that holds only sound rows.

    Of a column that a question sets equal to something, SQLite puts that into the row's seal as well, and looks at
    whether the seal fits before it looks at whether the row is one that is asked for: sound rows would seem damaged.
    A plus keeps it from that, and from an index, so that columns that have one go without: there it reads no others.
    """
    indexes = [row[1] for row in database.execute(f"PRAGMA main.index_list({table})")]
    first = {next(database.execute(f"PRAGMA main.index_info({index})"))[2] for index in indexes}
    columns = [(name, key) for _, name, _, _, _, key in database.execute(f"PRAGMA main.table_info({table})")]
    return ", ".join(name if key or name in first else f"+{name} AS {name}" for name, key in columns)


def sound(table: str) -> str:
    """SQL condition: the seal of a row of this table is empty or fits."""
    return f"is_sound(seal, {_content(table)})"


def _content(table: str) -> str:
    # As bytes, for a damaged text may be none.
    return ", ".join(f"CAST({column} AS BLOB)" for column in SEALED[table])


def _row_seal(*content: bytes | None) -> int:
    return _seal_of(content)


def _seal_of(content: tuple[bytes | None, ...]) -> int:
    return zlib.crc32(b"\x1f".join([b"\x00" if part is None else part for part in content]))


def _is_sound(seal: Any, *content: bytes | None) -> bool:
    if seal is None:  # a row that was cut short has lost its seal as well
        return None not in content[:2]
    return bool(seal == _seal_of(content))


def _must_be_sound(seal: Any, *content: bytes | None) -> bool:
    # Looked at first, for a question reads some two hundred rows, nearly all of them sealed and sound.
    if seal != _seal_of(content) and not _is_sound(seal, *content):
        raise ValueError(UNSOUND)
    return True
