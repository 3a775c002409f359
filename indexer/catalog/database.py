"""Open the catalogue's SQLite file to write or to read, and bring it to today's schema."""

from __future__ import annotations

import contextlib
import functools
import sqlite3
import time
from importlib import resources
from pathlib import Path

from niteru.engine.failure import Failure

BEING_MADE_S = 2.0
"""How long a reader waits for a catalogue that is not of today's schema yet."""


class CatalogError(Failure):
    """The catalogue cannot be used."""


def open_for_writing(file: Path) -> sqlite3.Connection:
    """A connection that may write, to a file that is made, with its folder, if it is not there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(file)
    database.execute("PRAGMA foreign_keys = ON")
    # What is deleted is overwritten, not only let go of.
    database.execute("PRAGMA secure_delete = ON")
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


def migrate(database: sqlite3.Connection, file: Path, readonly: bool) -> None:
    """Run the numbered scripts that a file has not seen yet.

    Raises:
        CatalogError: a newer niteru wrote it, or an older one and it is only read.
    """
    scripts = _scripts()
    version = _settled_version(database, len(scripts)) if readonly else _version(database)
    if version > len(scripts):
        raise CatalogError(f"{file} was written by a newer niteru (schema {version}): update niteru")
    if version < len(scripts) and readonly:
        raise CatalogError(f"{file} was written by an older niteru: run make index once")
    if not readonly:
        database.execute("PRAGMA journal_mode = WAL")
    for number, sql in enumerate(scripts[version:], start=version + 1):
        database.executescript(f"BEGIN; {sql} PRAGMA user_version = {number}; COMMIT;")


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _settled_version(database: sqlite3.Connection, today: int) -> int:
    """The version, after a moment's patience with a file that somebody else is just making."""
    deadline = time.monotonic() + BEING_MADE_S
    while (version := _version(database)) < today and time.monotonic() < deadline:
        time.sleep(0.02)
    return version


@functools.cache
def _scripts() -> tuple[str, ...]:
    """The migrations, in order; read once, since a service opens the catalogue for each question."""
    files = sorted(resources.files("niteru.indexer.catalog.migrations").iterdir(), key=lambda file: file.name)
    return tuple(file.read_text(encoding="utf-8") for file in files if file.name.endswith(".sql"))
