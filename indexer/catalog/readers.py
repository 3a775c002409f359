"""Readers of a catalogue, which the questions to a service borrow one after the other.

To open one takes two fifths of a question by id among a thousand faces: SQLite reads the tables' definitions, and makes
a view of each that holds sound rows only. One that is kept has the pages, and the prepared questions, of before, too.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from typing_extensions import override

from niteru.indexer.catalog.connection import CatalogError
from niteru.indexer.catalog.database import open_for_reading, schema_version
from niteru.indexer.catalog.queries import CatalogQueries

_KEPT = 4
"""Readers that are kept; each keeps up to 2 MB of pages in memory."""


class Readers:
    """Readers of one catalogue file; safe to share between threads.

    Args:
        file: path of ``catalog.sqlite``.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._idle: list[Reader] = []

    def borrow(self) -> Reader:
        """A reader of the catalogue as it is now; closing it gives it back.

        Raises:
            CatalogError: see :func:`niteru.indexer.catalog.database.open_for_reading`.
        """
        while self._idle:
            with suppress(IndexError, CatalogError):  # another thread took the last one; what is wrong is told below
                reader = self._idle.pop()
                if _begin(reader):
                    return reader
                reader.end()
        try:
            reader = Reader(self._file, self._give_back)
            _begin(reader)
        except OSError as error:
            raise CatalogError(f"{self._file}: {error}") from None
        return reader

    def close(self) -> None:
        """Close those that nobody has borrowed."""
        while self._idle:
            with suppress(IndexError):
                self._idle.pop().end()

    def _give_back(self, reader: Reader) -> None:
        if len(self._idle) < _KEPT:
            self._idle.append(reader)
        else:
            reader.end()


class Reader(CatalogQueries):
    """Questions to one state of a catalogue, over a connection that may be used again.

    Args:
        file: path of ``catalog.sqlite``.
        give_back: takes it when it is closed.

    Raises:
        CatalogError: see :func:`niteru.indexer.catalog.database.open_for_reading`.
    """

    def __init__(self, file: Path, give_back: Callable[[Reader], None]) -> None:
        self._file, self._give_back = file, give_back
        self._mark = _mark_of(file)
        with ExitStack() as on_failure:
            self._connection = on_failure.enter_context(closing(open_for_reading(file)))
            super().__init__(self._connection)
            self._schema = schema_version(self._connection)
            on_failure.pop_all()
        self._people: tuple[int, list[tuple[int, str, int]]] | None = None

    def begin(self) -> bool:
        """Read what the catalogue has now, whatever is enrolled meanwhile; false if its file is another than before.

        Raises:
            CatalogError: it cannot be read any more.
        """
        self._connection.execute("BEGIN")
        return _mark_of(self._file) == self._mark and schema_version(self._connection) == self._schema

    @override
    def people(self) -> list[tuple[int, str, int]]:
        # Counting takes a look at every face, so it is done once for each state of the file.
        (state,) = self._connection.execute("PRAGMA data_version").fetchone()
        if self._people is None or self._people[0] != state:
            self._people = state, super().people()
        return self._people[1]

    @override
    def close(self) -> None:
        """Give it back; one that would not notice what others write is closed."""
        try:
            self._connection.rollback()  # so that no state of the file is kept from being erased
        except CatalogError:
            self.end()
            return
        if self._connection.notices_changes:
            self._give_back(self)
        else:
            self.end()

    def end(self) -> None:
        """Close the connection."""
        super().close()


def _begin(reader: Reader) -> bool:
    with ExitStack() as on_failure:
        on_failure.callback(reader.end)
        begun = reader.begin()
        on_failure.pop_all()
    return begun


def _mark_of(file: Path) -> tuple[int, int] | None:
    """What tells a file from another in its place; None without one."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
