"""Connections to the catalogue's SQLite file, and migration to today's schema."""

from __future__ import annotations

import functools
import sqlite3
import time
from contextlib import ExitStack, closing
from importlib import resources
from pathlib import Path

from niteru.indexer.catalog.connection import CatalogDamaged, CatalogError, Connection
from niteru.indexer.catalog.seals import know_seals, read_sound_rows_only

BEING_MADE_S = 2.0
"""Seconds that a reader waits for a catalogue that somebody else is just creating or migrating."""


def open_for_writing(file: Path) -> sqlite3.Connection:
    """Connect for reading and writing; a missing file is made, with its folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        file.touch(0o666)  # SQLite itself would keep a group from writing whatever the umask allows
    with ExitStack() as on_failure:
        database = on_failure.enter_context(closing(Connection(file)))
        know_seals(database)
        database.execute("PRAGMA foreign_keys = ON")
        # Deleted content is overwritten, not only unlinked.
        database.execute("PRAGMA secure_delete = ON")
        on_failure.pop_all()
    return database


def open_for_reading(file: Path) -> Connection:
    """Connect for reading only, in a read-only folder or on a full disk too; a damaged row is an error.

    Raises:
        CatalogError: the file is missing or cannot be read, or a newer or an older niteru wrote it.
    """
    if not file.is_file():
        raise CatalogError(f"{file.parent}: no gallery here. Make one: niteru index FOLDER")
    with ExitStack() as on_failure:
        database = on_failure.enter_context(closing(_connected(file)))
        know_seals(database)
        version = _settled_version(database, len(_scripts()))
        refuse_newer(database, file)
        if version < len(_scripts()):
            raise CatalogError(f"{file} was written by an older niteru: run niteru index once")
        read_sound_rows_only(database)
        on_failure.pop_all()
    return database


def _connected(file: Path) -> Connection:
    address = f"{file.resolve().as_uri()}?mode=ro"
    try:
        return _readable(Connection(address, uri=True, check_same_thread=False, name=file))
    except CatalogError:
        # In a read-only folder or on a full disk SQLite cannot make the log's shared memory; an empty log needs none.
        if _size(file.with_name(f"{file.name}-wal")):
            raise
        database = _readable(Connection(f"{address}&immutable=1", uri=True, check_same_thread=False, name=file))
        database.notices_changes = False
        return database


def _readable(database: Connection) -> Connection:
    """A connection that has read its file once; closed if it cannot."""
    try:
        database.execute("SELECT 1 FROM sqlite_master").fetchone()
    except CatalogError:
        database.close()
        raise
    return database


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def migrate(database: sqlite3.Connection, file: Path, to: int | None = None) -> None:
    """Run the numbered scripts that are newer than a file's schema: all of them, or none if one fails.

    Args:
        database: an open connection; its owner closes it after a failure, which takes the changes back.
        file: named in messages.
        to: number of the last script to run; by default all are.

    Raises:
        CatalogDamaged: the file has today's tables, and a number that does not fit them; or a script failed.
        CatalogError: a newer niteru wrote the file.
    """
    scripts = _scripts()[:to]
    version = schema_version(database)
    refuse_newer(database, file)
    database.execute("PRAGMA journal_mode = WAL")
    if version < len(scripts):
        steps = "\n".join(scripts[version:])
        database.executescript(f"BEGIN; {steps} PRAGMA user_version = {len(scripts)}; COMMIT;")


def refuse_newer(database: sqlite3.Connection, file: Path) -> None:
    """Check that a file's schema is known here.

    Raises:
        CatalogDamaged: the file has today's tables, and a number that does not fit them.
        CatalogError: a newer niteru wrote the file.
    """
    version, today = schema_version(database), len(_scripts())
    if version > today:
        if _tables(database) == _tables_of(None):
            raise CatalogDamaged.of(str(file), f"it says schema {version} and has the tables of {today}")
        raise CatalogError(f"{file} was written by a newer niteru (schema {version}): update niteru")


def schema_version(database: sqlite3.Connection) -> int:
    """Number of the last script that made a file's tables."""
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _tables(database: sqlite3.Connection) -> list[tuple[str, str]]:
    """Names and definitions of a file's tables and their indexes."""
    return database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()


@functools.cache
def _tables_of(schema: int | None) -> list[tuple[str, str]]:
    with closing(Connection(":memory:")) as database:
        know_seals(database)
        migrate(database, Path(":memory:"), to=schema)
        return _tables(database)


def schema_of_damaged(database: sqlite3.Connection) -> int | None:
    """Number of a damaged file's schema, if it fits the tables that are left; None, for today's, otherwise.

    Raises:
        sqlite3.DatabaseError: the file cannot be read.
    """
    version = schema_version(database)
    fits = 0 < version < len(_scripts()) and set(_tables(database)) <= set(_tables_of(version))
    return version if fits else None


def _settled_version(database: sqlite3.Connection, today: int) -> int:
    """Schema version, after waiting a moment for a file that somebody else is just creating."""
    deadline = time.monotonic() + BEING_MADE_S
    while (version := schema_version(database)) < today and time.monotonic() < deadline:
        time.sleep(0.02)
    return version


@functools.cache
def _scripts() -> tuple[str, ...]:
    """Migration scripts in order; read once, for a service opens the catalogue for each question."""
    files = sorted(resources.files("niteru.indexer.catalog.migrations").iterdir(), key=lambda file: file.name)
    return tuple(file.read_text(encoding="utf-8") for file in files if file.name.endswith(".sql"))
