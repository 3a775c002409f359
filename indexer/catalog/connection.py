"""Connection to a SQLite file whose errors say which file, what is wrong with it, and what helps."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from niteru.engine.failure import Failure


class CatalogError(Failure):
    """The catalogue cannot be used."""


class CatalogDamaged(CatalogError):
    """The catalogue's file was damaged by a disk, a transfer or another program."""

    @classmethod
    def of(cls, file: str, why: object) -> CatalogDamaged:
        """The failure for a file, with what was found in it."""
        return cls(f"{file} is damaged ({why}): niteru index FOLDER mends what the photos can restore")


_SENTENCES = {
    sqlite3.SQLITE_FULL: "the disk is full: make room and run the command again",
    sqlite3.SQLITE_BUSY: "another program is writing to it: wait for it to end",
    sqlite3.SQLITE_LOCKED: "another program is writing to it: wait for it to end",
    sqlite3.SQLITE_READONLY: "it may not be written to: use the account that made the gallery, or give this one the "
    "right to write to the whole folder",
    sqlite3.SQLITE_PERM: "it may not be opened: use the account that made the gallery",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: is the folder there, and may this account use it?",
    sqlite3.SQLITE_IOERR: "the disk is full, or fails: make room and run the command again, or see the system's log",
    sqlite3.SQLITE_TOOBIG: "a row is larger than SQLite allows",
}
_AT_ONCE = 1_000
"""Rows that a loop takes from SQLite at once: to watch each for errors by itself takes longer than to read it."""
_PRIMARY = 0xFF
"""Bits of an error code that say its kind; the others say more."""
PATIENCE_S = 5.0
"""Seconds for which a connection waits while another one writes, or reads what is to be erased."""
UNSOUND = "a checksum does not fit the content of its row"


class Connection(sqlite3.Connection):
    """Connection whose errors are :class:`CatalogError`.

    Args:
        file: path or address of the database.
        name: path to name in messages; by default ``file``.

    Attributes:
        notices_changes: whether it reads what others write after it was opened.
    """

    def __init__(self, file: str | Path, *args: Any, name: Path | None = None, **options: Any) -> None:
        self._name, self.notices_changes = str(name or file), True
        with self._told():
            super().__init__(file, *args, **{"timeout": PATIENCE_S, **options})

    def cursor(self, *_: Any) -> Cursor:  # type: ignore[override]
        """Make a cursor whose errors are told alike."""
        return super().cursor(lambda database: Cursor(database, self._told))

    def execute(self, *args: Any) -> Cursor:  # type: ignore[override]
        """Run one statement."""
        return self.cursor().execute(*args)

    def executemany(self, *args: Any) -> Cursor:  # type: ignore[override]
        """Run one statement for many rows."""
        return self.cursor().executemany(*args)

    def executescript(self, *args: Any) -> Cursor:  # type: ignore[override]
        """Run several statements."""
        return self.cursor().executescript(*args)

    def __exit__(self, *exception: Any) -> Any:
        """Commit, or roll back if the block failed."""
        with self._told():
            return super().__exit__(*exception)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise _as_failure(self._name, error) from None
        except UnicodeDecodeError as error:  # in the very message about a damaged table
            raise CatalogDamaged.of(self._name, error) from None


class Cursor(sqlite3.Cursor):
    """Cursor of a :class:`Connection`.

    Args:
        database: its connection.
        told: translates the errors of a block.
    """

    def __init__(self, database: sqlite3.Connection, told: Callable[[], Any]) -> None:
        super().__init__(database)
        self._told = told

    def execute(self, *args: Any) -> Cursor:  # type: ignore[override]
        """Run one statement."""
        with self._told():
            super().execute(*args)
        return self

    def executemany(self, *args: Any) -> Cursor:  # type: ignore[override]
        """Run one statement for many rows."""
        with self._told():
            super().executemany(*args)
        return self

    def executescript(self, *args: Any) -> Cursor:  # type: ignore[override]
        """Run several statements."""
        with self._told():
            super().executescript(*args)
        return self

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        """Iterate over the rows that are left."""
        while rows := self.fetchmany(_AT_ONCE):
            yield from rows

    def __next__(self) -> Any:
        """Next row."""
        try:
            return super().__next__()
        except sqlite3.DatabaseError:
            with self._told():
                raise
            raise

    def fetchone(self) -> Any:
        """Next row; None at the end."""
        with self._told():
            return super().fetchone()

    def fetchmany(self, *args: Any) -> list[Any]:
        """Next rows."""
        with self._told():
            return super().fetchmany(*args)

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        with self._told():
            return super().fetchall()


def _as_failure(name: str, error: sqlite3.DatabaseError) -> CatalogError:
    # Errors of Python's own checks carry no code.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY
    if code in _SENTENCES:
        return CatalogError(f"{name}: {_SENTENCES[code]} ({error})")
    return CatalogDamaged.of(name, UNSOUND if "user-defined function" in str(error) else error)
