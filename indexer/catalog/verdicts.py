"""What people say of faces by hand: whose they are, that they are nobody's, or no faces at all.

It is kept apart from what folders say, by a photo's content and the place in it, and never overwritten: the last word
counts, and a step can be taken back.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from niteru.engine.faces.face import Box, overlap

NEVER_TAKEN_BACK = 0
"""Step of what undoing does not reach."""
SAME_FACE = 0.4
"""Share of their common area by which two boxes are of one face, found anew in the same picture."""
_AMONG = "IN (SELECT value FROM json_each(?))"
_SAID = ("verdicts", "renamings", "facts")
"""Tables of what is said by hand, whose steps are counted together."""


class VerdictKind(StrEnum):
    """What was said of a face, in a stable spelling."""

    PERSON = "person"
    """It is this person's, or of this group."""
    NOBODY = "nobody"
    """Whoever it is, nobody wants to find them."""
    NO_FACE = "no-face"
    """The detector took something else for a face."""
    FORGOTTEN = "forgotten"
    """It was forgotten, and must not be entered again."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The last word on a face: the person's name is empty unless it is somebody's."""

    step: int
    kind: VerdictKind
    person: str


@dataclass(frozen=True, slots=True)
class Renaming:
    """Another name for a person; ``step`` is its place among the verdicts."""

    step: int
    old: str
    new: str


class Verdicts:
    """The verdicts in a catalogue. What changes them must run in a transaction.

    Args:
        database: an open connection.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def next_step(self) -> int:
        """Number for what is said next."""
        return self._last_step() + 1

    def give(self, step: int, faces: Iterable[int], kind: VerdictKind, person: str = "") -> None:
        """Say the same of some faces.

        Args:
            step: number of the step.
            faces: their ids.
            kind: what is said.
            person: whose they are, or the name of their group.
        """
        self._db.execute(
            "INSERT INTO verdicts (step, sha256, x, y, width, height, second, kind, person, before)"
            " SELECT ?1, p.sha256, f.x, f.y, f.width, f.height, f.second, ?2, ?3, iif(?1, coalesce(n.name, ''), '')"
            " FROM faces f JOIN photos p ON p.id = f.photo_id LEFT JOIN people n ON n.id = f.person_id"
            " WHERE f.id IN (SELECT value FROM json_each(?4)) ORDER BY f.id",
            (step, kind, person, json.dumps(list(faces))),
        )

    def rename(self, step: int, old: str, new: str) -> None:
        """Give a person another name, from this step on."""
        self._db.execute("INSERT INTO renamings (step, old, new) VALUES (?, ?, ?)", (step, old, new))

    def take_back(self) -> dict[int, str] | None:
        """Take back the last step.

        Returns:
            The name that each face had before it, empty for none; None if there is nothing to take back.
        """
        step = self._last_step()
        if step == NEVER_TAKEN_BACK:
            return None
        before = {face: row[-1] for face, row in self._faces("AND v.step = ?", step)}
        for table in _SAID:
            self._db.execute(f"DELETE FROM {table} WHERE step = ?", (step,))
        return before

    def by_face(self) -> dict[int, Verdict]:
        """The last word on each face that somebody has spoken of, by the face's id."""
        return {face: Verdict(row[0], VerdictKind(row[1]), row[2]) for face, row in self._faces()}

    def given_to(self, group: str) -> str | None:
        """The name that a group's faces were given last; None if they were given none."""
        row = self._db.execute(
            "SELECT person FROM verdicts WHERE before = ? AND kind = ? ORDER BY id DESC LIMIT 1",
            (group, VerdictKind.PERSON),
        ).fetchone()
        return None if row is None else str(row[0])

    def renamings(self) -> list[Renaming]:
        """All renamings, in the order they were given."""
        return [Renaming(*row) for row in self._db.execute("SELECT step, old, new FROM renamings ORDER BY id")]

    def forgotten_in(self, sha256: str) -> list[tuple[Box, float | None]]:
        """Boxes of the faces in a photo that must not be entered again, with their time in a video."""
        rows = self._db.execute(
            "SELECT x, y, width, height, second FROM verdicts WHERE sha256 = ? AND kind = ?",
            (sha256, VerdictKind.FORGOTTEN),
        )
        return [(row[:4], row[4]) for row in rows]

    def follow(self, old: str, new: str) -> None:
        """Say of a photo's new content what was said of the old, whose faces are in the same places."""
        self._db.execute(
            "INSERT INTO verdicts (step, sha256, x, y, width, height, second, kind, person, before)"
            " SELECT step, ?, x, y, width, height, second, kind, person, before FROM verdicts WHERE sha256 = ?"
            " ORDER BY id",
            (new, old),
        )

    def drop(self, is_theirs: Callable[[str, int], bool], contents: Iterable[str]) -> None:
        """Delete what was said of some people, and of some photos.

        Args:
            is_theirs: whether the one who had a name after a step is one of them.
            contents: hashes of the photos.
        """
        said = self._db.execute("SELECT id, person, before, step FROM verdicts").fetchall()
        self._delete("verdicts", (row for row, person, _, step in said if is_theirs(person, step)))
        before = [row for row, _, before, step in said if is_theirs(before, step - 1)]
        self._db.execute(f"UPDATE verdicts SET before = '' WHERE id {_AMONG}", (json.dumps(before),))
        renamed = self._db.execute("SELECT id, new, step FROM renamings").fetchall()
        self._delete("renamings", (row for row, new, step in renamed if is_theirs(new, step)))
        told = self._db.execute("SELECT id, person, step FROM facts").fetchall()
        self._delete("facts", (row for row, person, step in told if is_theirs(person, step)))
        self._db.execute(f"DELETE FROM verdicts WHERE sha256 {_AMONG}", (json.dumps(list(contents)),))

    def _delete(self, table: str, rows: Iterable[int]) -> None:
        self._db.execute(f"DELETE FROM {table} WHERE id {_AMONG}", (json.dumps(list(rows)),))

    def _last_step(self) -> int:
        steps = " UNION ALL ".join(f"SELECT step FROM {table}" for table in _SAID)
        found = self._db.execute(f"SELECT max(step) FROM ({steps})")
        return int(found.fetchone()[0] or NEVER_TAKEN_BACK)

    def _faces(self, which: str = "", *of: int) -> Iterator[tuple[int, tuple[int, str, str, str]]]:
        """Faces with the step, kind, person and name before of each verdict on them, oldest first."""
        rows = self._db.execute(
            "SELECT v.id, p.id, f.id, f.x, f.y, f.width, f.height, v.x, v.y, v.width, v.height,"
            " v.step, v.kind, v.person, v.before FROM verdicts v JOIN photos p ON p.sha256 = v.sha256"
            " JOIN faces f ON f.photo_id = p.id AND f.second IS v.second"
            f" WHERE v.kind != ? {which} ORDER BY v.id, p.id",
            (VerdictKind.FORGOTTEN, *of),
        )
        for _, candidates in groupby(rows, key=lambda row: row[:2]):
            best = max(candidates, key=lambda row: overlap(row[3:7], row[7:11]))
            if overlap(best[3:7], best[7:11]) >= SAME_FACE:
                yield best[2], best[11:]
