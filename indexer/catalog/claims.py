"""Names that photo programs gave to faces, as they were read from photos and the files beside them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from niteru.engine.faces.face import Box
from niteru.engine.photos.names.named import NamedRegion, NamesFound, Source
from niteru.engine.photos.names.relative_box import RelativeBox
from niteru.engine.photos.person_name import name_key

_AMONG = "IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class ClaimedPhoto:
    """A photo of which something is claimed, and the faces that were found in it.

    Attributes:
        ref: its path below FACES.
        folder: name of the person whose folder it lies in; empty for nobody's.
        names: what is claimed, without faults.
        faces: boxes by id, in pixels of the upright picture.
        usable: ids of the faces that nothing makes doubtful.
        people: names of the people and groups that the faces are labelled with.
    """

    ref: str
    folder: str
    names: NamesFound
    faces: dict[int, Box]
    usable: frozenset[int]
    people: frozenset[str]


class Claims:
    """The claims in a catalogue. What changes them must run in a transaction.

    Args:
        database: an open connection.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def put(self, ref: str, mark: str, found: NamesFound) -> None:
        """Replace what is claimed of a photo.

        Args:
            ref: its path below FACES.
            mark: of the files beside it, see :func:`niteru.engine.photos.names.names_in.names_mark`.
            found: the names.
        """
        photo = self._db.execute("SELECT id FROM photos WHERE ref = ?", (ref,)).fetchone()[0]
        self._db.execute("DELETE FROM claims WHERE photo_id = ?", (photo,))
        self._db.execute(
            "INSERT INTO names_read (photo_id, mark, width, height) VALUES (?, ?, ?, ?) ON CONFLICT (photo_id)"
            " DO UPDATE SET mark = excluded.mark, width = excluded.width, height = excluded.height",
            (photo, mark, *found.size),
        )
        boxed = [(photo, one.name, *one.box, " ".join(one.sources)) for one in found.regions]
        others = [(photo, name, None, None, None, None, source) for name, source in found.people.items()]
        self._db.executemany(
            "INSERT INTO claims (photo_id, name, x, y, width, height, sources) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [*boxed, *others],
        )

    def marks(self) -> dict[str, str]:
        """Marks of the files beside each photo whose names were read, by ref."""
        return dict(self._db.execute("SELECT p.ref, r.mark FROM names_read r JOIN photos p ON p.id = r.photo_id"))

    def names(self) -> set[str]:
        """All names that are claimed."""
        return {row[0] for row in self._db.execute("SELECT DISTINCT name FROM claims")}

    def in_photos(self, refs: Iterable[str]) -> set[str]:
        """Names that are claimed of some photos."""
        rows = self._db.execute(
            f"SELECT DISTINCT c.name FROM claims c JOIN photos p ON p.id = c.photo_id WHERE p.ref {_AMONG}",
            (json.dumps(list(refs)),),
        )
        return {row[0] for row in rows}

    def drop(self, names: Iterable[str]) -> None:
        """Delete what is claimed of people, whose names may be spelled in any way."""
        keys = {name_key(name) for name in names}
        theirs = [name for name in self.names() if name_key(name) in keys]
        self._db.execute(f"DELETE FROM claims WHERE name {_AMONG}", (json.dumps(theirs),))

    def drop_all(self) -> None:
        """Delete everything that is claimed."""
        self._db.execute("DELETE FROM claims")
        self._db.execute("DELETE FROM names_read")

    def photos(self) -> list[ClaimedPhoto]:
        """All photos of which something is claimed, in the order of their ids."""
        faces = self._faces()
        rows = self._db.execute(
            "SELECT c.photo_id, p.ref, n.name, r.width, r.height, c.name, c.sources, c.x, c.y, c.width, c.height"
            " FROM claims c JOIN photos p ON p.id = c.photo_id JOIN people n ON n.id = p.person_id"
            " JOIN names_read r ON r.photo_id = p.id ORDER BY c.photo_id, c.id"
        )
        found = []
        for (photo, ref, folder, *size), claims in groupby(rows, key=lambda row: row[:5]):
            here = faces.get(photo, [])
            found.append(
                ClaimedPhoto(
                    ref,
                    folder,
                    _names([claim[5:] for claim in claims], (size[0], size[1])),
                    {face: box for face, box, _, _ in here},
                    frozenset(face for face, _, usable, _ in here if usable),
                    frozenset(person for *_, person in here if person),
                )
            )
        return found

    def _faces(self) -> dict[int, list[tuple[int, Box, bool, str | None]]]:
        """Id, box, whether it is usable, and name of each face in photos of which something is claimed, by photo."""
        rows = self._db.execute(
            "SELECT f.photo_id, f.id, f.x, f.y, f.width, f.height, f.quality = '[]', n.name FROM faces f"
            " LEFT JOIN people n ON n.id = f.person_id WHERE f.photo_id IN (SELECT photo_id FROM claims)"
            " ORDER BY f.photo_id, f.id"
        )
        return {
            photo: [(row[1], row[2:6], bool(row[6]), row[7]) for row in some]
            for photo, some in groupby(rows, key=lambda row: row[0])
        }


def _names(claims: list[tuple[Any, ...]], size: tuple[int, int]) -> NamesFound:
    """Names in one photo, from rows of name, sources and the four numbers of a box, which may be missing."""
    regions, people = list[NamedRegion](), dict[str, Source]()
    for name, sources, *box in claims:
        if None in box:
            people[name] = Source(sources)
        else:
            regions.append(NamedRegion(name, RelativeBox(*box), tuple(map(Source, sources.split()))))
    return NamesFound(tuple(regions), people, size=size)
