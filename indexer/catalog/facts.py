"""What people say of people by hand: when somebody was born, and to which family they belong.

It is kept by name and apart from what tables say, and overrules it: the last word counts, and a step can be taken back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from niteru.engine.photos.tables.usual_columns import Meaning


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was said of somebody.

    Attributes:
        step: its place among all that was said by hand.
        person: whom it was said of, by the name that they had after that step.
        meaning: what was said.
        value: as in a cell of a table: several values have ``;`` between them, and an empty one takes the table's away.
    """

    step: int
    person: str
    meaning: Meaning
    value: str


class Facts:
    """The facts in a catalogue. What changes them must run in a transaction.

    Args:
        database: an open connection.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def put(self, step: int, person: str, said: Mapping[Meaning, str]) -> None:
        """Say something of somebody at a step."""
        self._db.executemany(
            "INSERT INTO facts (step, person, meaning, value) VALUES (?, ?, ?, ?)",
            [(step, person, meaning, value) for meaning, value in said.items()],
        )

    def people(self) -> set[str]:
        """Names of all people of whom something was said, as they were then."""
        return {row[0] for row in self._db.execute("SELECT DISTINCT person FROM facts")}

    def all(self) -> list[Fact]:
        """All of them, in the order in which they were said."""
        rows = self._db.execute("SELECT step, person, meaning, value FROM facts ORDER BY id")
        return [Fact(step, person, Meaning(meaning), value) for step, person, meaning, value in rows]
