"""Open an SQLite file to write or to read."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path


def open_for_writing(file: Path) -> sqlite3.Connection:
    """A connection that may write, to a file that is made, with its folder, if it is not there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(file)
    database.execute("PRAGMA foreign_keys = ON")
    return database


def open_for_reading(file: Path) -> sqlite3.Connection:
    """A connection that only reads, in a read-only folder too.

    Raises:
        sqlite3.OperationalError: if it cannot.
    """
    address = f"{file.resolve().as_uri()}?mode=ro"
    with contextlib.suppress(sqlite3.OperationalError), contextlib.ExitStack() as on_failure:
        database = sqlite3.connect(address, uri=True)
        on_failure.callback(database.close)
        database.execute("SELECT 1 FROM sqlite_master")
        on_failure.pop_all()
        return database
    # In a read-only folder the shared memory of the write-ahead log cannot be made; with no log, none is needed.
    if file.with_name(f"{file.name}-wal").exists():
        raise sqlite3.OperationalError("its write-ahead log cannot be read in a read-only folder")
    return sqlite3.connect(f"{address}&immutable=1", uri=True)
