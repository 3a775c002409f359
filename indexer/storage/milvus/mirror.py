"""Mirror of the catalogue: rows of one collection in Milvus, and a working copy of them in SQLite on this machine.

The catalogue's own code knows only SQLite. Triggers note what it changes there within the same transaction, and the
changes are carried over to Milvus when that is durable; if a run dies in between, the next one carries over the rest.
Another machine makes its copy from the collection. Each carrying over changes a token, by which a machine sees whether
its copy is still the newest.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from niteru.engine.work.progress import progress_bar
from niteru.engine.work.write_atomically import write_atomically
from niteru.indexer.catalog.catalog import ERASURES, Catalog
from niteru.indexer.catalog.table_rows import TABLES
from niteru.indexer.storage.milvus.catalog_rows import (
    enter_row,
    keys_that_are_gone,
    mark_of_row,
    milvus_row,
    row_key,
    rows_with_keys,
)
from niteru.indexer.storage.milvus.store import TEXT, Store, text

_OF_PHOTOS = ("photo_columns", "claims", "names_read", "picture_dates")
_ORDER = (
    *("meta", "wishes", "people", "faces", *_OF_PHOTOS),
    *("photos", "verdicts", "renamings", "facts", "history", "events"),
)
"""Order in which tables are carried over: photos last, so that every photo in Milvus has all of its faces."""
_STATE = "state"
_OPEN = "/open"
_FIELDS = {"key": 1_024, "body": TEXT}
_NOTES = """
    CREATE TABLE IF NOT EXISTS outbox (tbl TEXT NOT NULL, key NOT NULL, PRIMARY KEY (tbl, key)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS mirror (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class Mirror:
    """One catalogue in Milvus and its copy on this machine.

    Args:
        store: connection to Milvus.
        name: of the gallery.
        file: the copy.
        erased: called after catching up, if somebody was forgotten since the copy before.
    """

    def __init__(self, store: Store, name: str, file: Path, erased: Callable[[], None]) -> None:
        self._store, self._alias, self._file, self._erased = store, f"{name}__catalog", file, erased

    def exists(self) -> bool:
        """Whether Milvus has a catalogue of this gallery."""
        return self._store.behind(self._alias) is not None

    def setting(self, key: str) -> str | None:
        """Read a setting of the catalogue from Milvus, without the copy."""
        found = self._store.rows(self._alias, ["body"], f"key == {text(row_key('meta', key))}")
        return str(json.loads(found[0]["body"])["value"]) if found else None

    def begin(self) -> None:
        """Create an empty catalogue in Milvus, unless it has one."""
        if not self.exists():
            self._store.point(self._alias, self._new_collection())

    def catch_up(self, writer: FileLock | None) -> None:
        """Copy the catalogue from Milvus, unless the copy here is the newest already.

        Args:
            writer: lock of this machine's writer, whose copy must not be replaced under it; None for the writer itself.
        """
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._file.with_suffix(".lock")), contextlib.ExitStack() as undisturbed:
            if writer is not None:
                try:
                    undisturbed.enter_context(writer.acquire(timeout=0))
                except Timeout:
                    if self._known() is not None:
                        return  # the writer's copy is newer than Milvus
            state = self._state()
            known = self._known()
            if known is None or state["token"] not in known or (state["open"] and not self._waiting()):
                before = self._erasures()
                self._copy(state)
                if before is not None and before != self._erasures():
                    self._erased()

    def _erasures(self) -> str | None:
        """Number of erasures that the copy here knows of; None without a copy."""
        if not self._file.is_file():
            return None
        with contextlib.suppress(sqlite3.DatabaseError), closing(sqlite3.connect(self._file)) as database:
            found = database.execute("SELECT value FROM meta WHERE key = ?", (ERASURES,)).fetchone()
            return str(found[0]) if found else "0"
        return None

    def _state(self) -> dict[str, Any]:
        found = self._store.rows(self._alias, ["body"], f"key == {text(_STATE)}")
        return dict(json.loads(found[0]["body"])) if found else {"token": "", "open": False, "last": 0}

    def _known(self) -> set[str] | None:
        """Tokens of the states that the copy here may be of; None without a copy."""
        if not self._file.is_file():
            return None
        try:
            with closing(sqlite3.connect(self._file)) as database:
                return {row[0] for row in database.execute("SELECT value FROM mirror WHERE key IN ('token', 'next')")}
        except sqlite3.DatabaseError:
            return None

    def _waiting(self) -> bool:
        with closing(sqlite3.connect(self._file)) as database:
            return database.execute("SELECT 1 FROM outbox LIMIT 1").fetchone() is not None

    def _copy(self, state: dict[str, Any]) -> None:
        """Replace the copy; faces whose photo was never carried over are dropped from it, and noted for removal."""
        with write_atomically(self._file) as aside:
            for left in aside.parent.glob(f"{aside.name}*"):
                left.unlink()  # left by a killed process, with its log
            self._fill(aside, state)
            for old in self._file.parent.glob(f"{self._file.name}*"):
                old.unlink()  # with its log, which SQLite would take for the new file's

    def _fill(self, file: Path, state: dict[str, Any]) -> None:
        Catalog(file).close()  # creates today's tables
        with closing(sqlite3.connect(file)) as database, database:
            database.executescript(_NOTES)
            total = self._store.count(self._alias)
            with progress_bar("catalogue", total, "row") as bar:
                for row in self._store.all_rows(self._alias, ["key", "body"]):
                    enter_row(database, row)
                    bar.update()
            orphans = "SELECT id FROM faces WHERE photo_id NOT IN (SELECT id FROM photos)"
            database.execute(f"INSERT INTO outbox SELECT 'faces', id FROM ({orphans})")
            database.execute(f"DELETE FROM faces WHERE id IN ({orphans})")
            for table in _OF_PHOTOS:
                strays = "photo_id NOT IN (SELECT id FROM photos)"
                database.execute(f"INSERT INTO outbox SELECT '{table}', {TABLES[table]} FROM {table} WHERE {strays}")
                database.execute(f"DELETE FROM {table} WHERE {strays}")
            last = max(int(state["last"]), database.execute("SELECT coalesce(max(id), 0) FROM faces").fetchone()[0])
            database.execute("DELETE FROM sqlite_sequence WHERE name = 'faces'")
            database.execute("INSERT INTO sqlite_sequence VALUES ('faces', ?)", (last,))
            # A carrying over in progress is no final state: the next catching up copies again.
            token = state["token"] + _OPEN if state["open"] else state["token"]
            database.execute("INSERT INTO mirror VALUES ('token', ?)", (token,))
        with closing(sqlite3.connect(file)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.execute("PRAGMA journal_mode = DELETE")

    def watch(self, database: sqlite3.Connection) -> None:
        """Note every change made through a connection from now on."""
        database.executescript(_NOTES)
        for table, key in TABLES.items():
            for verb, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
                database.execute(
                    f"CREATE TEMP TRIGGER {table}_{verb} AFTER {verb} ON main.{table}"
                    # Not OR IGNORE: the statement that fires a trigger overrules it.
                    f" WHEN NOT EXISTS (SELECT 1 FROM outbox WHERE tbl = '{table}' AND key = {row}.{key})"
                    f" BEGIN INSERT INTO outbox VALUES ('{table}', {row}.{key}); END"
                )

    def carry_over(self, database: sqlite3.Connection, forgets: Callable[[list[int]], None]) -> None:
        """Send the noted changes to Milvus.

        Every step can be repeated: an interruption leaves the rest for the next time, under the same token.

        Args:
            database: the copy.
            forgets: called with the ids of faces that are gone.
        """
        changed = {
            table: [row[0] for row in database.execute("SELECT key FROM outbox WHERE tbl = ?", (table,))]
            for table in _ORDER
        }
        half = database.execute("SELECT 1 FROM mirror WHERE key = 'token' AND value LIKE ?", (f"%{_OPEN}",)).fetchone()
        if not any(changed.values()) and not half:
            return
        with database:
            database.execute("INSERT OR IGNORE INTO mirror VALUES ('next', ?)", (secrets.token_hex(8),))
        token = str(database.execute("SELECT value FROM mirror WHERE key = 'next'").fetchone()[0])
        last = database.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'faces'").fetchone()[0]
        self._put_state(token, last, still_open=True)
        gone = {table: keys_that_are_gone(database, table, keys) for table, keys in changed.items()}
        for table in ("meta", "wishes"):  # first the suppression list, which keeps the forgotten out
            self._store.put(self._alias, rows_with_keys(database, table, changed[table]))
        self._remove("photos", gone.pop("photos"))  # before their faces
        for table in _ORDER:
            self._remove(table, gone.get(table, []))
            self._store.put(self._alias, rows_with_keys(database, table, changed[table]))
        if gone["faces"]:
            forgets(gone["faces"])
        self._put_state(token, last, still_open=False)
        with database:
            database.execute("DELETE FROM outbox")
            database.execute("DELETE FROM mirror WHERE key = 'next'")
            database.execute("INSERT OR REPLACE INTO mirror VALUES ('token', ?)", (token,))

    def _remove(self, table: str, keys: list[Any]) -> None:
        self._store.delete(self._alias, [row_key(table, key) for key in keys])

    def _put_state(self, token: str, last: int, *, still_open: bool) -> None:
        state = json.dumps({"token": token, "open": still_open, "last": last})
        self._store.put(self._alias, [milvus_row(_STATE, state)])

    def rewrite(self, database: sqlite3.Connection) -> None:
        """Write the whole catalogue into a new collection and drop the old one, where deleted rows may linger."""
        old = self._store.behind(self._alias)
        state = milvus_row(_STATE, json.dumps(self._state()))
        new = self._new_collection(old)
        self._store.put(new, [state])
        for table in _ORDER:
            keys = [row[0] for row in database.execute(f"SELECT {TABLES[table]} FROM {table}")]
            self._store.put(new, rows_with_keys(database, table, keys))
        self._store.settle(new)
        self._store.point(self._alias, new)
        self.sweep()

    def sweep(self) -> None:
        """Drop collections that interrupted rewritings left."""
        current = self._store.behind(self._alias)
        for name in self._store.collections(rf"{self._alias}_\d+"):
            if name != current:
                self._store.drop(name)

    def differences(self) -> list[str]:
        """Keys of rows that differ between Milvus and the copy here, or that only one of them has."""
        there = {row["key"]: mark_of_row(row) for row in self._store.all_rows(self._alias, ["key", "body"])}
        there.pop(_STATE, None)
        differing = list[str]()
        with closing(sqlite3.connect(self._file)) as database:
            for table, key in TABLES.items():
                keys = [row[0] for row in database.execute(f"SELECT {key} FROM {table}")]
                differing += [
                    row["key"]
                    for row in rows_with_keys(database, table, keys)
                    if there.pop(row["key"], None) != mark_of_row(row)
                ]
        return sorted([*differing, *there])

    def _new_collection(self, old: str | None = None) -> str:
        number = int(old.rpartition("_")[2]) + 1 if old else 1
        name = f"{self._alias}_{number}"
        if self._store.has(name):
            self._store.drop(name)  # left by an interrupted rewriting
        self._store.make(name, "key", _FIELDS)
        return name
