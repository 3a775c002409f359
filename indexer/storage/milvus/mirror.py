"""The catalogue in Milvus: rows of one collection, and a working copy of them in SQLite on this machine.

The catalogue's own code knows only SQLite. What it changes there is noted by triggers within the same transaction, and
carried over when that is durable: a run that dies in between carries the rest over the next time. Another machine makes
its copy from the collection. A token that every carrying over changes tells whether a copy is still the newest.
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
from niteru.indexer.catalog.tables import TABLES
from niteru.indexer.storage.milvus.catalog_rows import (
    enter_row,
    keys_that_are_gone,
    mark_of_row,
    milvus_row,
    row_key,
    rows_with_keys,
)
from niteru.indexer.storage.milvus.lease import Lease
from niteru.indexer.storage.milvus.store import TEXT, Store, text

_ORDER = ("meta", "wishes", "people", "faces", "photos", "events")
"""In which tables are carried over. Photos come after their faces: a photo that is there has all of them."""
_STATE = "state"
_OPEN = "/open"
_FIELDS = {"key": 1_024, "body": TEXT}
_NOTES = """
    CREATE TABLE IF NOT EXISTS outbox (tbl TEXT NOT NULL, key NOT NULL, PRIMARY KEY (tbl, key)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS mirror (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class Mirror:
    """One catalogue in Milvus and its copy here.

    Args:
        store: where it is.
        name: of the gallery.
        file: of the copy.
        erased: called where somebody was forgotten since this machine's last copy.
    """

    def __init__(self, store: Store, name: str, file: Path, erased: Callable[[], None]) -> None:
        """See the class."""
        self._store, self._alias, self._file, self._erased = store, f"{name}__catalog", file, erased

    def exists(self) -> bool:
        """Whether there is a catalogue in Milvus."""
        return self._store.behind(self._alias) is not None

    def setting(self, key: str) -> str | None:
        """A setting of the catalogue, read in Milvus."""
        found = self._store.rows(self._alias, ["body"], f"key == {text(row_key('meta', key))}")
        return str(json.loads(found[0]["body"])["value"]) if found else None

    def begin(self) -> None:
        """Make an empty catalogue in Milvus, if there is none."""
        if not self.exists():
            self._store.point(self._alias, self._new_collection())

    def catch_up(self, writer: FileLock | None) -> None:
        """Make the copy here what Milvus has, if it is not.

        Args:
            writer: the lock of this machine's writer, whose copy must not be replaced under it; None for the writer.
        """
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._file.with_suffix(".lock")), contextlib.ExitStack() as undisturbed:
            if writer is not None:
                try:
                    undisturbed.enter_context(writer.acquire(timeout=0))
                except Timeout:
                    if self._known() is not None:
                        return  # what the writer has is newer than anything
            state = self._state()
            known = self._known()
            if known is None or state["token"] not in known or (state["open"] and not self._waiting()):
                before = self._erasures()
                self._copy(state)
                if before is not None and before != self._erasures():
                    self._erased()

    def _erasures(self) -> str | None:
        """How often somebody was forgotten, as the copy here knows it; None without one."""
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
        """The tokens that the copy here may be a copy of; None if there is none."""
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
        """Make the copy anew; faces whose photo was not carried over any more are taken back."""
        with write_atomically(self._file) as aside:
            for left in aside.parent.glob(f"{aside.name}*"):
                left.unlink()  # by a killed process, with its log
            self._fill(aside, state)
            for old in self._file.parent.glob(f"{self._file.name}*"):
                old.unlink()  # with its log, which must not be taken for the new file's

    def _fill(self, file: Path, state: dict[str, Any]) -> None:
        Catalog(file).close()  # with today's tables
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
            last = max(int(state["last"]), database.execute("SELECT coalesce(max(id), 0) FROM faces").fetchone()[0])
            database.execute("DELETE FROM sqlite_sequence WHERE name = 'faces'")
            database.execute("INSERT INTO sqlite_sequence VALUES ('faces', ?)", (last,))
            # What is being carried over just now is no state to rest on: the next catching up copies again.
            token = state["token"] + _OPEN if state["open"] else state["token"]
            database.execute("INSERT INTO mirror VALUES ('token', ?)", (token,))
        with closing(sqlite3.connect(file)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.execute("PRAGMA journal_mode = DELETE")

    def watch(self, database: sqlite3.Connection) -> None:
        """Note from now on what changes through a connection."""
        database.executescript(_NOTES)
        for table, key in TABLES.items():
            for verb, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
                database.execute(
                    f"CREATE TEMP TRIGGER {table}_{verb} AFTER {verb} ON main.{table}"
                    f" BEGIN INSERT OR IGNORE INTO outbox VALUES ('{table}', {row}.{key}); END"
                )

    def carry_over(self, database: sqlite3.Connection, forgets: Callable[[list[int]], None]) -> None:
        """Bring Milvus up to what changed here.

        Every step can be done again: an interruption leaves the rest for the next time, under the same token.

        Args:
            database: the copy.
            forgets: told the ids of faces that are gone.
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
        self._say(token, last, still_open=True)
        gone = {table: keys_that_are_gone(database, table, keys) for table, keys in changed.items()}
        for table in ("meta", "wishes"):  # first of all what keeps the forgotten out
            self._store.put(self._alias, rows_with_keys(database, table, changed[table]))
        self._remove("photos", gone.pop("photos"))  # before their faces
        for table in _ORDER:
            self._remove(table, gone.get(table, []))
            self._store.put(self._alias, rows_with_keys(database, table, changed[table]))
        if gone["faces"]:
            forgets(gone["faces"])
        self._say(token, last, still_open=False)
        with database:
            database.execute("DELETE FROM outbox")
            database.execute("DELETE FROM mirror WHERE key = 'next'")
            database.execute("INSERT OR REPLACE INTO mirror VALUES ('token', ?)", (token,))

    def _remove(self, table: str, keys: list[Any]) -> None:
        self._store.delete(self._alias, [row_key(table, key) for key in keys])

    def _say(self, token: str, last: int, *, still_open: bool) -> None:
        state = json.dumps({"token": token, "open": still_open, "last": last})
        self._store.put(self._alias, [milvus_row(_STATE, state)])

    def rewrite(self, database: sqlite3.Connection) -> None:
        """Write the whole catalogue into a new collection, so that nothing of what was removed stays in the old one."""
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
        """Remove what a rewriting that was interrupted left."""
        current = self._store.behind(self._alias)
        for name in self._store.collections(rf"{self._alias}_\d+"):
            if name != current:
                self._store.drop(name)

    def differences(self) -> list[str]:
        """Keys of rows that Milvus has otherwise than the copy here, or only one of them has."""
        there = {row["key"]: mark_of_row(row) for row in self._store.all_rows(self._alias, ["key", "body"])}
        there.pop(_STATE, None)
        others = list[str]()
        with closing(sqlite3.connect(self._file)) as database:
            for table, key in TABLES.items():
                keys = [row[0] for row in database.execute(f"SELECT {key} FROM {table}")]
                others += [
                    row["key"]
                    for row in rows_with_keys(database, table, keys)
                    if there.pop(row["key"], None) != mark_of_row(row)
                ]
        return sorted([*others, *there])

    def _new_collection(self, old: str | None = None) -> str:
        number = int(old.rpartition("_")[2]) + 1 if old else 1
        name = f"{self._alias}_{number}"
        if self._store.has(name):
            self._store.drop(name)  # half a rewriting
        self._store.make(name, "key", _FIELDS)
        return name


class MirroredCatalog(Catalog):
    """The copy here, opened for writing: what a transaction changes is carried over when it ends.

    Args:
        file: of the copy, caught up.
        mirror: of it.
        forgets: told the ids of faces that are gone.
        lease: that is held.
    """

    def __init__(self, file: Path, mirror: Mirror, forgets: Callable[[list[int]], None], lease: Lease) -> None:
        """See the class."""
        super().__init__(file)
        self._mirror, self._forgets, self._lease = mirror, forgets, lease
        mirror.watch(self._db)
        self._ended()  # what an interrupted run left

    def _ended(self) -> None:
        """See :meth:`Catalog.transaction`."""
        self._lease.check()
        self._mirror.carry_over(self._db, self._forgets)

    def scrub(self) -> None:
        """See :meth:`Catalog.scrub`; nor in Milvus."""
        super().scrub()
        self._lease.check()
        self._mirror.rewrite(self._db)
