"""Which face is whose, as a catalogue has it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from niteru.engine.photos.person_name import group_number
from niteru.indexer.catalog.rows import IS_GROUP

SETTLED_BY = "settled_by"
"""Setting: mark of all words by which the labels of untouched folders were settled; a gallery's own."""
_PLACED = "SELECT f.id, f.photo_id, f.second, f.person_id, p.person_id, f.quality = '[]'"
_WORDS = ("verdicts", "renamings", "claims")
"""Tables that say whose faces are, apart from folders."""


@dataclass(frozen=True, slots=True)
class PlacedFace:
    """A face, where it is, and whose it is as long as nothing else is found.

    Attributes:
        id: of the face.
        photo, second: id of its photo, and its time in a video.
        person: id of its person or group now; None for nobody's.
        folder: id of the person whose folder the photo lies in.
        usable: whether there is no reason to doubt its quality.
    """

    id: int
    photo: int
    second: float | None
    person: int | None
    folder: int
    usable: bool


class Labels:
    """The labels in a catalogue. What changes them must run in a transaction.

    Args:
        database: an open connection.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def names(self) -> dict[int, str]:
        """Names of people and groups, with or without a face, by id."""
        return dict(self._db.execute("SELECT id, name FROM people"))

    def groups(self) -> set[int]:
        """Ids of the groups that nobody has named."""
        rows = self._db.execute(f"SELECT n.id, n.name FROM people n WHERE {IS_GROUP}")
        return {person for person, name in rows if group_number(name)}

    def id_of(self, name: str) -> int:
        """Id of the person or group with just this name, who is entered if new."""
        self._db.execute("INSERT OR IGNORE INTO people (name) VALUES (?)", (name,))
        return int(self._db.execute("SELECT id FROM people WHERE name = ?", (name,)).fetchone()[0])

    def rename(self, person: int, name: str) -> None:
        """Give a person or group a name that nobody else has; their faces stay theirs."""
        self._db.execute("UPDATE people SET name = ? WHERE id = ?", (name, person))

    def albums(self) -> dict[int, str]:
        """Names of the folders that show many people, by the ids that stand for them."""
        return dict(self._db.execute("SELECT id, name FROM people WHERE album ORDER BY name"))

    def undecided(self, least: int) -> list[int]:
        """Ids of touched folders with so many usable photos of which nobody knows whether they are albums."""
        rows = self._db.execute(
            "SELECT n.id FROM touched t CROSS JOIN people n ON n.id = t.person_id"
            " JOIN photos p ON p.person_id = n.id AND p.reason IS NULL"
            " WHERE n.album IS NULL AND n.name != '' GROUP BY n.id HAVING count(*) >= ? ORDER BY n.id",
            (least,),
        )
        return [row[0] for row in rows]

    def decide(self, folder: int, *, album: bool) -> None:
        """Keep whether a folder is an album, from now on."""
        self._db.execute("UPDATE people SET album = ? WHERE id = ?", (album, folder))

    def unsettled(self, misnamed: Collection[int]) -> list[PlacedFace]:
        """Faces in touched folders whose label is not simply their folder's, sorted by id.

        These are all in photos of several faces and in videos, and all others with another label than their folder's,
        or in a folder whose name is not its person's.

        Args:
            misnamed: ids that stand for these folders.
        """
        rows = self._db.execute(
            f"{_PLACED} FROM touched t CROSS JOIN photos p ON p.person_id = t.person_id"
            " CROSS JOIN faces f ON f.photo_id = p.id"
            " WHERE f.person_id IS NOT p.person_id OR f.second IS NOT NULL"
            " OR p.person_id IN (SELECT value FROM json_each(?))"
            " OR EXISTS (SELECT 1 FROM faces o WHERE o.photo_id = p.id AND o.id != f.id) ORDER BY f.id",
            (json.dumps(list(misnamed)),),
        )
        return [PlacedFace(*row) for row in rows]

    def in_groups(self) -> list[PlacedFace]:
        """Faces that are in a group without a name, and in a folder that is not called so, sorted by id."""
        rows = self._db.execute(
            f"{_PLACED} FROM people n JOIN faces f ON f.person_id = n.id JOIN photos p ON p.id = f.photo_id"
            f" WHERE {IS_GROUP} AND p.person_id != n.id ORDER BY f.id"
        )
        return [PlacedFace(*row) for row in rows]

    def mark_of_words(self) -> str:
        """What changes with every word on whose faces are, apart from folders; two marks are of the same words."""
        sums = (self._db.execute(f"SELECT count(*), total(seal) FROM {table}").fetchone() for table in _WORDS)
        return " ".join(f"{count}:{seals:.0f}" for count, seals in sums)

    def touch_all(self) -> None:
        """Have all folders settled anew."""
        self._db.execute("INSERT OR IGNORE INTO touched (person_id) SELECT id FROM people")

    def note_settled(self) -> None:
        """Note that labels and history have all changes so far."""
        self._db.execute("DELETE FROM touched")

    def put(self, labels: Mapping[int, int | None]) -> None:
        """Label faces with people or groups by id; None takes the label away."""
        self._db.executemany(
            "UPDATE faces SET person_id = ?1 WHERE id = ?2 AND person_id IS NOT ?1",
            [(person, face) for face, person in labels.items()],
        )

    def drop_empty_people(self) -> None:
        """Delete the names of touched people and groups without a photo or a face; no others can have become so."""
        self._db.execute(
            "DELETE FROM people WHERE id IN (SELECT person_id FROM touched)"
            " AND NOT EXISTS (SELECT 1 FROM photos WHERE person_id = people.id)"
            " AND NOT EXISTS (SELECT 1 FROM faces WHERE person_id = people.id)"
        )
