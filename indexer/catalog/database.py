"""Connections to the catalogue's SQLite file, and migration to today's schema."""

from __future__ import annotations

import functools
import sqlite3
import time
from contextlib import closing
from importlib import resources
from pathlib import Path

from niteru.indexer.catalog.connection import CatalogDamaged, CatalogError, Connection
from niteru.indexer.catalog.seals import know_seals

BEING_MADE_S = 2.0
"""Seconds that a reader waits for a catalogue that somebody else is just creating or migrating."""


def open_for_writing(file: Path) -> sqlite3.Connection:
    """Connect for reading and writing; a missing file is made, with its folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        file.touch(0o666)  # SQLite itself would keep a group from writing whatever the umask allows
    database = Connection(file)
    know_seals(database)
    database.execute("PRAGMA foreign_keys = ON")
    # Deleted content is overwritten, not only unlinked.
    database.execute("PRAGMA secure_delete = ON")
    return database


def open_for_reading(file: Path) -> sqlite3.Connection:
    """Connect for reading only, in a read-only folder or on a full disk too.

    Raises:
        CatalogError: the file cannot be read.
    """
    address = f"{file.resolve().as_uri()}?mode=ro"
    try:
        return _readable(Connection(address, uri=True, name=file))
    except CatalogError:
        # In a read-only folder or on a full disk SQLite cannot make the log's shared memory; an empty log needs none.
        if _size(file.with_name(f"{file.name}-wal")):
            raise
        return _readable(Connection(f"{address}&immutable=1", uri=True, name=file))


def _readable(database: Connection) -> Connection:
    """A connection that has read its file once; closed if it cannot."""
    try:
        database.execute("SELECT 1 FROM sqlite_master").fetchone()
    except CatalogError:
        database.close()
        raise
    know_seals(database)
    return database


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def migrate(database: sqlite3.Connection, file: Path, readonly: bool) -> None:
    """Run the numbered scripts that are newer than a file's schema.

    Raises:
        CatalogDamaged: the file has today's tables, and a number that does not fit them.
        CatalogError: a newer niteru wrote the file; or an older one did, and it is open for reading only.
    """
    scripts = _scripts()
    version = _settled_version(database, len(scripts)) if readonly else _version(database)
    if version > len(scripts):
        if _tables(database) == _tables_of_today():
            raise CatalogDamaged.of(str(file), f"it says schema {version} and has the tables of {len(scripts)}")
        raise CatalogError(f"{file} was written by a newer niteru (schema {version}): update niteru")
    if version < len(scripts) and readonly:
        raise CatalogError(f"{file} was written by an older niteru: run niteru index once")
    if not readonly:
        database.execute("PRAGMA journal_mode = WAL")
    for number, sql in enumerate(scripts[version:], start=version + 1):
        database.executescript(f"BEGIN; {sql} PRAGMA user_version = {number}; COMMIT;")


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _tables(database: sqlite3.Connection) -> list[tuple[str, str]]:
    """Names and definitions of a file's tables and their indexes."""
    return database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()


@functools.cache
def _tables_of_today() -> list[tuple[str, str]]:
    with closing(Connection(":memory:")) as database:
        know_seals(database)
        migrate(database, Path(":memory:"), readonly=False)
        return _tables(database)


def _settled_version(database: sqlite3.Connection, today: int) -> int:
    """Schema version, after waiting a moment for a file that somebody else is just creating."""
    deadline = time.monotonic() + BEING_MADE_S
    while (version := _version(database)) < today and time.monotonic() < deadline:
        time.sleep(0.02)
    return version


@functools.cache
def _scripts() -> tuple[str, ...]:
    """Migration scripts in order; read once, for a service opens the catalogue for each question."""
    files = sorted(resources.files("niteru.indexer.catalog.migrations").iterdir(), key=lambda file: file.name)
    return tuple(file.read_text(encoding="utf-8") for file in files if file.name.endswith(".sql"))
