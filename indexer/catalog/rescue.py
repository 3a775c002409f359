"""Rescue of a damaged catalogue: a new file with all rows that are sound, and word of those that are not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from niteru.indexer.catalog.catalog import VECTORS_CHANGED, Catalog
from niteru.indexer.catalog.connection import CatalogDamaged, CatalogError
from niteru.indexer.catalog.database import migrate, open_for_writing, refuse_newer, schema_of_damaged
from niteru.indexer.catalog.history import History
from niteru.indexer.catalog.seals import SEALED, know_seals, seal_rows, sound
from niteru.indexer.catalog.table_rows import TABLES, CatalogTables, TableRow

_BESIDE = ("", "-wal", "-shm", "-journal")
_MOST_LOOKUPS = 1_000_000
_UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
_UNFIT = """
    SELECT id FROM photos WHERE person_id NOT IN (SELECT id FROM people)
    OR reason IS NULL AND id NOT IN (SELECT photo_id FROM faces)
    OR id IN (SELECT photo_id FROM faces WHERE person_id NOT IN (SELECT id FROM people))
"""
"""Photos that a rescue left incomplete."""


@dataclass(slots=True)
class Rescued:
    """What a rescue could not save.

    Attributes:
        lost: number of damaged rows by table, as far as they can be counted.
        by_hand: photos added by hand that are lost, and that the folder of photos does not have.
        list_is_whole: whether the list of people and photos that must not come in again was saved whole.
    """

    lost: dict[str, int] = field(default_factory=dict)
    by_hand: list[str] = field(default_factory=list)
    list_is_whole: bool = True

    def __str__(self) -> str:
        """What to tell the owner."""
        rows = ", ".join(f"{count} of {table}" for table, count in self.lost.items() if count) or "none"
        again = f"; add again what was added by hand: {', '.join(self.by_hand)}" if self.by_hand else ""
        return f"the catalogue was damaged (rows lost: {rows}); what photos can restore is read again{again}"


def is_damaged(file: Path) -> bool:
    """Whether a catalogue cannot be opened, has a damaged structure, lacks a row, or contains a damaged one.

    Raises:
        CatalogError: it cannot be opened for another reason.
    """
    try:
        with closing(open_for_writing(file)) as database:
            refuse_newer(database, file)
            if not _holds_together(database):  # asked first: what an older niteru wrote is not migrated damaged
                return True
        Catalog(file).close()
        with closing(open_for_writing(file)) as database:
            return any(
                database.execute(f"SELECT 1 FROM {table} WHERE NOT {sound(table)} LIMIT 1").fetchone()
                for table in SEALED
            )
    except CatalogDamaged:
        return True


def _holds_together(database: sqlite3.Connection) -> bool:
    """Whether the structure of a file is sound, and no row refers to one that is not there."""
    return (
        database.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
        and database.execute("PRAGMA foreign_key_check").fetchone() is None
    )


def rescue(file: Path, aside: Path) -> Rescued:
    """Write all sound rows of a damaged catalogue into a new file.

    Args:
        file: the catalogue, which is left as it is.
        aside: the new file, which is not there yet.
    """
    rescued = Rescued()
    with closing(open_for_writing(aside)) as new, closing(sqlite3.connect(file)) as old:
        know_seals(old)
        new.execute("PRAGMA foreign_keys = OFF")  # rows refer to lost ones until the end
        migrate(new, aside, to=_schema_of(old))
        with new:
            lost = _copy_rows(old, new, rescued)
        migrate(new, aside)
        new.execute("PRAGMA foreign_keys = ON")
        with new:
            rescued.by_hand = _by_hand(new, lost.get("photos", []))
            _drop_incomplete(new, lost.get("faces", []), rescued)
            if rescued.lost.get("claims"):
                new.execute("DELETE FROM names_read")  # so that names are read again
            if rescued.lost.get("history"):
                History(new).begin_anew()
            _keep_numbers(new, old)
            new.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, 'yes')", (VECTORS_CHANGED,))
            seal_rows(new)
    return rescued


def _schema_of(old: sqlite3.Connection) -> int | None:
    """Number of the schema of a damaged file; None, for today's, where it cannot be read."""
    with suppress(*_UNREADABLE):
        return schema_of_damaged(old)
    return None


def _copy_rows(old: sqlite3.Connection, new: sqlite3.Connection, rescued: Rescued) -> dict[str, list[TableRow]]:
    """Copy the sound rows of all tables that the schema has; return the damaged ones."""
    tables, lost = CatalogTables(new), dict[str, list[TableRow]]()
    there = {name for (name,) in new.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table in (name for name in TABLES if name in there):
        saved = _Saved(old, table)
        for row in saved.rows():
            try:
                tables.put_rows(table, [row])
            except CatalogDamaged:  # what no row may contain
                saved.lose(row)
        lost[table], rescued.lost[table] = saved.damaged, saved.lost
        if saved.lost and table in ("wishes", "meta"):
            rescued.list_is_whole = False
    return lost


def discard(aside: Path) -> None:
    """Remove a rescued catalogue that did not take its place, if there is one."""
    for part in _BESIDE:
        aside.with_name(aside.name + part).unlink(missing_ok=True)


def put_in_place(aside: Path, file: Path) -> None:
    """Replace a damaged catalogue by a rescued one."""
    for part in _BESIDE[1:]:  # SQLite would take the old file's log for the new one's
        file.with_name(file.name + part).unlink(missing_ok=True)
    aside.replace(file)


class _Saved:
    """Sound rows of one table of a damaged file.

    Attributes:
        damaged: rows that can be read but are not sound, or of which the key alone is known.
        lost: number of damaged rows; at least 1 where it is unknown.
    """

    def __init__(self, database: sqlite3.Connection, table: str) -> None:
        self._db, self._table, self._key = database, table, TABLES[table]
        self.damaged, self.lost = list[TableRow](), 0

    def rows(self) -> Iterator[TableRow]:
        """Iterate over the rows from both ends to the first that cannot be read, then over those between, by key."""
        first = _Reach()
        yield from self._until_unreadable("ASC", first, None)
        if first.failed:
            last = _Reach()
            yield from self._until_unreadable("DESC", last, first.key)
            yield from self._between(first.key, last.key)

    def _until_unreadable(self, order: str, reach: _Reach, stop: Any) -> Iterator[TableRow]:
        try:
            found = self._select(f"ORDER BY {self._key} {order}")
            for row in found:
                known = self._row(found, row)
                if stop is not None and known[self._key] <= stop:
                    return
                reach.key = known[self._key]
                yield from self._if_sound(known)
        except _UNREADABLE:
            reach.failed = True

    def _between(self, first: Any, last: Any) -> Iterator[TableRow]:
        numbers = isinstance(first, int | None) and isinstance(last, int)
        if not numbers or last - (first or 0) > _MOST_LOOKUPS:
            self.lost += 1
            return
        for key in range((first or 0) + 1, last):
            try:
                found = self._select(f"WHERE {self._key} = {key}")
                for row in found.fetchall():
                    yield from self._if_sound(self._row(found, row))
            except _UNREADABLE:
                self.lose({self._key: key})

    def _select(self, which: str) -> sqlite3.Cursor:
        columns = {row[1] for row in self._db.execute(f"PRAGMA table_info({self._table})")}
        condition = sound(self._table) if "seal" in columns else "1"
        return self._db.execute(f"SELECT {condition} AS sound, * FROM {self._table} {which}")

    def _row(self, found: sqlite3.Cursor, row: tuple[Any, ...]) -> TableRow:
        return dict(zip((column[0] for column in found.description), row, strict=True))

    def _if_sound(self, row: TableRow) -> Iterator[TableRow]:
        if row.pop("sound"):
            yield row
        else:
            self.lose(row)

    def lose(self, row: TableRow) -> None:
        """Count a row as damaged."""
        self.lost += 1
        self.damaged.append(row)


@dataclass(slots=True)
class _Reach:
    """How far a table could be read: the last key, and whether an unreadable row came next."""

    key: Any = None
    failed: bool = False


def _by_hand(new: sqlite3.Connection, damaged: list[TableRow]) -> list[str]:
    """Damaged photos that were added by hand, or may have been."""
    found = [str(row["ref"]) for row in damaged if row.get("added")]
    unreadable = any("added" not in row for row in damaged)
    others = new.execute("SELECT 1 FROM photos WHERE added LIMIT 1").fetchone()
    return found + ["perhaps other photos, whose names cannot be read"] * bool(unreadable and others)


def _drop_incomplete(new: sqlite3.Connection, damaged: list[TableRow], rescued: Rescued) -> None:
    """Drop the photos that lack something, so that they are read again."""
    photos = {owner for face in damaged for owner in _owners(new, face)}
    photos |= {row[0] for row in new.execute(_UNFIT)}
    for photo in sorted(photos):
        rescued.by_hand += [row[0] for row in new.execute("SELECT ref FROM photos WHERE id = ? AND added", (photo,))]
        new.execute("DELETE FROM photos WHERE id = ?", (photo,))
    for table in ("faces", "photo_columns", "names_read", "picture_dates", "claims"):
        new.execute(f"DELETE FROM {table} WHERE photo_id NOT IN (SELECT id FROM photos)")


def _owners(new: sqlite3.Connection, face: TableRow) -> list[int]:
    """Photos that a damaged face may have come from: its own, or else those of the faces entered before and after."""
    named = new.execute("SELECT id FROM photos WHERE id = ?", (face.get("photo_id"),)).fetchone()
    if named:
        return [named[0]]
    near = (
        "SELECT photo_id FROM (SELECT photo_id FROM faces WHERE id < ?1 ORDER BY id DESC LIMIT 1)"
        " UNION SELECT photo_id FROM (SELECT photo_id FROM faces WHERE id > ?1 ORDER BY id LIMIT 1)"
    )
    return [row[0] for row in new.execute(near, (face["id"],))]


def _keep_numbers(new: sqlite3.Connection, old: sqlite3.Connection) -> None:
    """Go on counting faces where the old file was: an id is never given twice."""
    last = new.execute("SELECT coalesce(max(id), 0) FROM faces").fetchone()[0]
    with suppress(*_UNREADABLE):
        found = old.execute("SELECT seq FROM sqlite_sequence WHERE name = 'faces'").fetchone()
        last = max(last, int(found[0]) if found else 0)
    with suppress(CatalogError):
        new.execute("DELETE FROM sqlite_sequence WHERE name = 'faces'")
    new.execute("INSERT INTO sqlite_sequence VALUES ('faces', ?)", (last,))
