"""History of who is in a gallery: how many photos showed each person, before and after each change of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from niteru.indexer.catalog.rows import IS_GROUP

BEGUN, FORGOT, PUBLISHED = "history begun", "forgot", "published"
"""Events: a gallery with people in it began to keep a history; somebody, or some photos, were forgotten;
a generation was published."""
_LOST = "history_lost"
"""Setting: the history was damaged, so that today's numbers are no news."""
_NOW = f"""
    SELECT n.name, count(DISTINCT f.photo_id) FROM people n JOIN faces f ON f.person_id = n.id
    WHERE NOT {IS_GROUP} GROUP BY n.id
"""
_LAST = "SELECT person, after FROM history WHERE id IN (SELECT max(id) FROM history GROUP BY person) AND after > 0"
_NOW_TOUCHED = _NOW.replace("WHERE", "WHERE n.id IN (SELECT person_id FROM touched) AND")
_LAST_TOUCHED = _LAST.replace(
    "GROUP BY",
    "WHERE person IN (SELECT n.name FROM touched t CROSS JOIN people n ON n.id = t.person_id)"
    " OR person NOT IN (SELECT name FROM people) GROUP BY",
)
"""The same of the people who were touched, and of those whose names are gone."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of how many photos show a person.

    Attributes:
        at: when it was noted.
        person: the name.
        before, after: number of photos.
        by_hand: whether a name was given, or taken away, by hand.
    """

    at: datetime
    person: str
    before: int
    after: int
    by_hand: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in a gallery's history.

    Attributes:
        at: when it was.
        change, event: numbers of the last change, and of the last event, until then.
    """

    at: datetime
    change: int
    event: int


class History:
    """The history in a catalogue. What changes it must run in a transaction.

    Args:
        database: an open connection.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def record(self, *, by_hand: bool = False) -> None:
        """Note everybody whose number of photos differs from the one noted last, for they were touched since."""
        if self._db.execute("DELETE FROM meta WHERE key = ?", (_LOST,)).rowcount:
            self.record_in_silence()
            return
        self._put([(*change, by_hand) for change in self._differences(_LAST_TOUCHED, _NOW_TOUCHED)])

    def record_in_silence(self) -> None:
        """Take over today's numbers, and tell of no change: what was forgotten is nobody's business."""
        self._put([(person, after, after, False) for person, _, after in self._differences(_LAST, _NOW) if after])

    def forget(self, is_theirs: Callable[[str], bool]) -> None:
        """Delete what is noted of some people, and of all who are gone: they may be the same under an earlier name."""
        there = {row[0] for row in self._db.execute(_NOW)}
        gone = [(person,) for person in self.people() if person not in there or is_theirs(person)]
        self._db.executemany("DELETE FROM history WHERE person = ?", gone)

    def begin_anew(self) -> None:
        """Drop what is left of a damaged history: the next numbers are taken over in silence."""
        self._db.execute("DELETE FROM history")
        self._db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, 'yes')", (_LOST,))
        self._db.execute("INSERT INTO events (what, detail) VALUES (?, '{}')", (BEGUN,))

    def people(self) -> set[str]:
        """Names of all people of whom something is noted, as they were then."""
        return {row[0] for row in self._db.execute("SELECT DISTINCT person FROM history")}

    def last(self) -> int:
        """Number of the last change; 0 before the first."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM history").fetchone()[0])

    def since(self, moment: Moment) -> list[Change]:
        """All changes after a moment, in the order in which they were noted."""
        rows = self._db.execute(
            "SELECT at, person, before, after, by_hand FROM history WHERE id > ? ORDER BY id", (moment.change,)
        )
        return [Change(_time(at), person, before, after, bool(hand)) for at, person, before, after, hand in rows]

    def forgettings(self, moment: Moment) -> list[datetime]:
        """When somebody, or some photos, were forgotten after a moment."""
        rows = self._db.execute("SELECT at FROM events WHERE what = ? AND id > ?", (FORGOT, moment.event))
        return [_time(row[0]) for row in rows]

    def begun(self) -> datetime | None:
        """Since when a gallery keeps a history; None where it has kept one from the beginning."""
        row = self._db.execute("SELECT at FROM events WHERE what = ? ORDER BY id DESC", (BEGUN,)).fetchone()
        return None if row is None else _time(row[0])

    def now(self) -> Moment:
        """The present moment."""
        event = self._db.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()[0]
        return Moment(datetime.now(UTC), self.last(), event)

    def moment(self, at: datetime) -> Moment:
        """The moment just before a time."""
        text = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        change, event = (
            self._db.execute(f"SELECT coalesce(max(id), 0) FROM {table} WHERE at < ?", (text,)).fetchone()[0]
            for table in ("history", "events")
        )
        return Moment(at, change, event)

    def publications(self) -> dict[int, Moment]:
        """When each generation was published, by its number, the earliest first; they are more than are kept."""
        rows = self._db.execute(
            "SELECT json_extract(detail, '$.generation'), at, coalesce(json_extract(detail, '$.change'), 0), id"
            " FROM events WHERE what = ? ORDER BY id",
            (PUBLISHED,),
        ).fetchall()
        # A copy counts its generations anew: the later one of a number is its own.
        last = {number: Moment(_time(at), change, event) for number, at, change, event in rows}
        return dict(sorted(last.items(), key=lambda item: item[1].event))

    def _differences(self, last: str, present: str) -> list[tuple[str, int, int]]:
        """Everybody whose number of photos is another one now, with both numbers, of those whom two questions name."""
        before, now = dict(self._db.execute(last)), dict(self._db.execute(present))
        everybody = sorted(before.keys() | now.keys())
        both = [(person, before.get(person, 0), now.get(person, 0)) for person in everybody]
        return [(person, one, other) for person, one, other in both if one != other]

    def _put(self, rows: list[tuple[str, int, int, bool]]) -> None:
        self._db.executemany("INSERT INTO history (person, before, after, by_hand) VALUES (?, ?, ?, ?)", rows)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
