"""Which face is whose, as a catalogue has it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_SEVERAL = "SELECT photo_id FROM faces GROUP BY photo_id HAVING count(*) > 1 OR max(second) IS NOT NULL"


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
        """Ids that stand for folders with so many usable photos of which nobody knows whether they are albums."""
        rows = self._db.execute(
            "SELECT n.id FROM people n JOIN photos p ON p.person_id = n.id AND p.reason IS NULL"
            " WHERE n.album IS NULL AND n.name != '' GROUP BY n.id HAVING count(*) >= ? ORDER BY n.id",
            (least,),
        )
        return [row[0] for row in rows]

    def decide(self, folder: int, *, album: bool) -> None:
        """Keep whether a folder is an album, from now on."""
        self._db.execute("UPDATE people SET album = ? WHERE id = ?", (album, folder))

    def unsettled(self, misnamed: Collection[int]) -> list[PlacedFace]:
        """Faces whose label is not simply their folder's, sorted by id.

        These are all in photos of several faces and in videos, and all others with another label than their folder's,
        or in a folder whose name is not its person's.

        Args:
            misnamed: ids that stand for these folders.
        """
        rows = self._db.execute(
            "SELECT f.id, f.photo_id, f.second, f.person_id, p.person_id, f.quality = '[]'"
            " FROM faces f JOIN photos p ON p.id = f.photo_id"
            " WHERE f.person_id IS NOT p.person_id OR p.person_id IN (SELECT value FROM json_each(?))"
            f" OR p.id IN ({_SEVERAL}) ORDER BY f.id",
            (json.dumps(list(misnamed)),),
        )
        return [PlacedFace(*row) for row in rows]

    def put(self, labels: Mapping[int, int | None]) -> None:
        """Label faces with people or groups by id; None takes the label away."""
        self._db.executemany(
            "UPDATE faces SET person_id = ?1 WHERE id = ?2 AND person_id IS NOT ?1",
            [(person, face) for face, person in labels.items()],
        )

    def drop_empty_people(self) -> None:
        """Delete the names of people and groups without a photo or a face."""
        self._db.execute(
            "DELETE FROM people WHERE id NOT IN (SELECT person_id FROM photos)"
            " AND id NOT IN (SELECT person_id FROM faces WHERE person_id IS NOT NULL)"
        )
