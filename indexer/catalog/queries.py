"""Questions to a catalogue: everything that is read of it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from niteru.engine import Vectors
from niteru.engine.photos.person_name import name_key
from niteru.engine.photos.photo_stamp import PhotoStamp
from niteru.engine.photos.source import is_remote
from niteru.indexer.catalog.connection import CatalogDamaged
from niteru.indexer.catalog.rows import IS_GROUP, FaceRow, FaceVector, PhotoFaces, PhotoState, face_row
from niteru.indexer.catalog.seals import SEALED, sound

if TYPE_CHECKING:
    from niteru.engine.photos.tables.photo_table import PhotoColumns

_FACE_COLUMNS = """
    SELECT f.id, p.ref, f.person_id, n.name, f.x, f.y, f.width, f.height, f.landmarks, f.score, f.quality, f.second
    FROM faces f JOIN photos p ON p.id = f.photo_id LEFT JOIN people n ON n.id = f.person_id
"""
_OF_PHOTO = f"WHERE p.ref = ? ORDER BY f.person_id IS NULL, {IS_GROUP}, f.id"

_BLOCK = 10_000


class CatalogQueries:
    """Read access to a catalogue.

    Args:
        database: an open connection.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def close(self) -> None:
        """Close the connection, and with it the catalogue."""
        self._db.close()

    def damages(self) -> list[str]:
        """Defects of the file's structure and of its rows, one line each; usually none."""
        found = [str(row[0]) for row in self._db.execute("PRAGMA integrity_check") if row[0] != "ok"]
        astray = len(self._db.execute("PRAGMA main.foreign_key_check").fetchall())
        found += [f"rows that belong to missing ones: {astray}"] * (astray > 0)
        for table in SEALED:
            which = f"FROM main.{table} WHERE NOT {sound(table)}"
            (count,) = self._db.execute(f"SELECT count(*) {which}").fetchone()
            found += [f"rows of {table} whose content was changed on the disk: {count}"] * (count > 0)
        return [str(CatalogDamaged.of("the catalogue", what)) for what in found]

    def setting(self, key: str) -> str | None:
        """Value of a setting; None if it is not set."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def last_change(self, before: int | None = None) -> int:
        """Number of the last change of faces or names; 0 if there is none.

        Args:
            before: number of an event that it came before; None for now.
        """
        return self._last_event("what != 'published' AND id < coalesce(?, id + 1)", before)

    def last_publication(self, generation: int) -> int:
        """Number of the last publication up to a generation, which has all changes before it; 0 if there is none."""
        # The plus sign keeps SQLite from putting the constant into the seal's condition, which then fits no other row.
        return self._last_event("+what = 'published' AND json_extract(detail, '$.generation') <= ?", generation)

    def has_published(self, generation: int) -> bool:
        """Whether this generation was published of this catalogue, or of one that it was copied from."""
        found = self._db.execute(
            "SELECT 1 FROM events WHERE +what = 'published' AND json_extract(detail, '$.generation') = ?", (generation,)
        )
        return found.fetchone() is not None

    def last_published(self) -> int | None:
        """Number of the generation that was published last; None before the first."""
        row = self._db.execute(
            "SELECT json_extract(detail, '$.generation') FROM events WHERE +what = 'published' ORDER BY id DESC LIMIT 1"
        ).fetchone()
        return None if row is None else int(row[0])

    def first_since_erasure(self) -> int | None:
        """Number of the first generation that was published after the last erasure; None if none was."""
        row = self._db.execute(
            "SELECT json_extract(detail, '$.generation') FROM events WHERE what = 'published'"
            " AND id > (SELECT coalesce(max(id), 0) FROM events WHERE what = 'forgot') ORDER BY id LIMIT 1"
        ).fetchone()
        return None if row is None else int(row[0])

    def _last_event(self, which: str, *of: int | None) -> int:
        return int(self._db.execute(f"SELECT coalesce(max(id), 0) FROM events WHERE {which}", of).fetchone()[0])

    def faces_by_others(self, model: str) -> list[int]:
        """Ids of the faces whose vectors are by other models than this one, ascending."""
        return sorted(row[0] for row in self._db.execute("SELECT id FROM faces WHERE model != ?", (model,)))

    def photos_of(self, faces: list[int]) -> set[str]:
        """Refs of the photos that contain some of these faces."""
        rows = self._db.execute(
            "SELECT DISTINCT p.ref FROM faces f JOIN photos p ON p.id = f.photo_id"
            " WHERE f.id IN (SELECT value FROM json_each(?))",
            (json.dumps(faces),),
        )
        return {row[0] for row in rows}

    def photos_of_these_alone(self, faces: Iterable[int]) -> set[str]:
        """Refs of the photos that contain some of these faces and no others."""
        rows = self._db.execute(
            "SELECT p.ref FROM photos p JOIN faces f ON f.photo_id = p.id GROUP BY p.id"
            " HAVING min(f.id IN (SELECT value FROM json_each(?)))",
            (json.dumps(list(faces)),),
        )
        return {row[0] for row in rows}

    def photos_of_several_faces(self) -> set[str]:
        """Refs of the photos, and of the videos with a moment, that show several faces."""
        rows = self._db.execute(
            "SELECT DISTINCT p.ref FROM photos p JOIN faces f ON f.photo_id = p.id GROUP BY p.id, f.second"
            " HAVING count(*) > 1"
        )
        return {row[0] for row in rows}

    def photo_of_faces(self) -> dict[int, str]:
        """Ref of each labelled face's photo, by the face's id."""
        rows = self._db.execute(
            "SELECT f.id, p.ref FROM faces f JOIN photos p ON p.id = f.photo_id WHERE f.person_id IS NOT NULL"
        )
        return dict(rows)

    def photos_of_labelled_faces(self) -> tuple[np.ndarray, np.ndarray]:
        """Ids of the labelled faces, ascending, and of their photos, int64 (n,) each."""
        return self._pairs("id", "photo_id", "faces WHERE person_id IS NOT NULL")

    def photos_of_people(self) -> dict[int, int]:
        """Number of photos in which each person, or group, has a face, by the person's id."""
        rows = self._db.execute(
            "SELECT person_id, count(DISTINCT photo_id) FROM faces WHERE person_id IS NOT NULL GROUP BY person_id"
        )
        return dict(rows)

    def person_of_faces(self) -> dict[int, int]:
        """Id of each labelled face's person, by the face's id."""
        return dict(self._db.execute("SELECT id, person_id FROM faces WHERE person_id IS NOT NULL"))

    def poor_faces(self) -> list[FaceRow]:
        """Labelled faces with a reason to doubt their quality, sorted by id."""
        return [
            face_row(row)
            for row in self._db.execute(f"{_FACE_COLUMNS} WHERE f.quality != '[]' AND n.name IS NOT NULL ORDER BY f.id")
        ]

    def detector(self) -> str | None:
        """Name of the detector that found the faces; None in an empty catalogue."""
        row = self._db.execute("SELECT finder FROM photos LIMIT 1").fetchone()
        return None if row is None else str(row[0])

    def photos(self) -> dict[str, PhotoState]:
        """State of all photos, usable or not, by ref."""
        rows = self._db.execute(
            "SELECT p.ref, n.name, p.sha256, p.size, p.mtime_ns, p.finder, p.reason, p.added,"
            " (SELECT CASE count(DISTINCT model) WHEN 0 THEN NULL WHEN 1 THEN min(model) ELSE 'several' END"
            " FROM faces f WHERE f.photo_id = p.id)"
            " FROM photos p JOIN people n ON n.id = p.person_id ORDER BY p.ref"
        )
        return {row[0]: PhotoState(*row) for row in rows}

    def refs(self) -> set[str]:
        """Refs of all photos, usable or not."""
        return {row[0] for row in self._db.execute("SELECT ref FROM photos")}

    def columns_of_photos(self) -> dict[str, PhotoColumns]:
        """What a table said of each photo beside path and person, by ref; photos without any are left out."""
        rows = self._db.execute("SELECT p.ref, c.pairs FROM photo_columns c JOIN photos p ON p.id = c.photo_id")
        return {ref: tuple((name, value) for name, value in json.loads(pairs)) for ref, pairs in rows}

    def columns_of_people(self) -> Iterator[tuple[int, str, str, PhotoColumns]]:
        """Id and name of a person, the person of a photo that shows them, and what a table says of that photo.

        The photo's person is empty where it lies in nobody's folder, or an album. What is said of a photo in a person's
        folder is not said of the others in it whom nobody has named.
        """
        rows = self._db.execute(
            "SELECT DISTINCT f.person_id, n.name, iif(o.album, '', o.name), c.pairs"
            " FROM photo_columns c JOIN photos p ON p.id = c.photo_id"
            " JOIN faces f ON f.photo_id = p.id JOIN people n ON n.id = f.person_id JOIN people o ON o.id = p.person_id"
            f" WHERE o.name = '' OR o.album OR NOT {IS_GROUP}"
        )
        return ((*row[:3], tuple((name, value) for name, value in json.loads(row[3]))) for row in rows)

    def suppressed(self) -> set[bytes]:
        """Hashes on the suppression list."""
        return {row[0] for row in self._db.execute("SELECT hash FROM wishes")}

    def vectors_of_photos(self, refs: Iterable[str]) -> list[FaceVector]:
        """Vectors of all faces in these photos, labelled or not, by any model."""
        return self._face_vectors(
            "JOIN photos p ON p.id = f.photo_id WHERE p.ref IN (SELECT value FROM json_each(?))", json.dumps(list(refs))
        )

    def vectors_of_faces(self, faces: Iterable[int], model: str | None = None) -> list[FaceVector]:
        """Vectors of these faces, where a given model made them, or any."""
        ids = json.dumps(list(faces))
        return self._face_vectors(
            "WHERE f.id IN (SELECT value FROM json_each(?1)) AND f.model = coalesce(?2, f.model)", ids, model
        )

    def vectors_of_nobody(self, model: str) -> list[FaceVector]:
        """Vectors of all faces that nobody has named, where a given model made them."""
        return self._face_vectors(
            f"LEFT JOIN people n ON n.id = f.person_id WHERE (n.id IS NULL OR {IS_GROUP}) AND f.model = ?", model
        )

    def _face_vectors(self, which: str, *of: str | None) -> list[FaceVector]:
        rows = self._db.execute(f"SELECT f.id, f.model, f.vector FROM faces f {which} ORDER BY f.id", of)
        return [FaceVector(face, model, np.frombuffer(vector, "<f4")) for face, model, vector in rows]

    def face_ids(self) -> set[int]:
        """Ids of all faces, labelled or not."""
        return {row[0] for row in self._db.execute("SELECT id FROM faces")}

    def faces(self, ids: Iterable[int]) -> dict[int, FaceRow]:
        """The faces with these ids, by id; those that are gone are left out."""
        wanted = [int(i) for i in ids]
        rows = self._db.execute(
            f"{_FACE_COLUMNS} WHERE f.id IN (SELECT value FROM json_each(?))", (json.dumps(wanted),)
        ).fetchall()
        found = {face.id: face for face in map(face_row, rows)}
        if len(found) < len(set(wanted)):
            self._check_structure()
        return found

    def _check_structure(self) -> None:
        """Rule out that a row is missing because the file is damaged; it takes a second for a million faces.

        Raises:
            CatalogDamaged: the structure of the file is damaged.
        """
        (said,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            file = self._db.execute("PRAGMA database_list").fetchone()[2]
            raise CatalogDamaged.of(file, said)

    def original(self, ref: str) -> tuple[Path, PhotoStamp] | None:
        """The file that a photo was read from, and its stamp then; None where this machine does not have it."""
        faces = self.setting("faces")
        row = self._db.execute("SELECT size, mtime_ns FROM photos WHERE ref = ?", (ref,)).fetchone()
        if row is None or faces is None or is_remote(faces):
            return None
        below = Path(faces) if Path(faces).is_dir() else Path(faces).parent
        return below / ref, PhotoStamp(*row)

    def faces_of_photo(self, ref: str) -> list[FaceRow]:
        """The faces of a photo, the labelled one first."""
        return [face_row(r) for r in self._db.execute(f"{_FACE_COLUMNS} {_OF_PHOTO}", (ref,))]

    def faces_of_person(self, name: str) -> list[FaceRow]:
        """A person's labelled faces, sorted by photo; the name in any spelling."""
        which = f"{_FACE_COLUMNS} WHERE n.name = ? ORDER BY p.ref"
        return [face_row(row) for row in self._db.execute(which, (self.known_name(name) or name,))]

    def known_name(self, name: str) -> str | None:
        """The name of a person here as it is kept, by any spelling; None if nobody has it."""
        if self._db.execute("SELECT 1 FROM people WHERE name = ?", (name,)).fetchone():
            return name
        key = name_key(name)
        return next((kept for (kept,) in self._db.execute("SELECT name FROM people") if name_key(kept) == key), None)

    def photos_of_person(self, person: int, model: str) -> list[PhotoFaces]:
        """All faces with vectors by ``model`` in a person's photos and moments of videos, labelled or not."""
        rows = self._db.execute(
            "SELECT f.photo_id, f.second, f.id, f.vector FROM faces f JOIN photos p ON p.id = f.photo_id"
            " WHERE p.person_id = ? AND f.model = ? ORDER BY f.photo_id, f.second, f.id",
            (person, model),
        )
        photos = []
        for (_, second), group in groupby(rows, key=lambda row: row[:2]):
            ids, vectors = zip(*((row[2], np.frombuffer(row[3], "<f4")) for row in group), strict=True)
            photos.append(PhotoFaces(np.array(ids, np.int64), np.stack(vectors), second is not None))
        return photos

    def people(self) -> list[tuple[int, str, int]]:
        """Id, name and number of faces of everybody with a face, sorted by name."""
        return self._db.execute(
            "SELECT n.id, n.name, count(*) FROM people n JOIN faces f ON f.person_id = n.id"
            " GROUP BY n.id ORDER BY n.name"
        ).fetchall()

    def vector(self, face: int, model: str) -> np.ndarray | None:
        """The vector that a model made of a face, float32 (dimension,); None if there is none."""
        row = self._db.execute("SELECT vector FROM faces WHERE id = ? AND model = ?", (face, model)).fetchone()
        return None if row is None else np.frombuffer(row[0], "<f4")

    def labels_digest(self) -> str:
        """Digest of every face's id, photo and person, independent of the vectors."""
        mark = hashlib.sha256()
        for row in self._db.execute(
            "SELECT f.id, p.ref, f.person_id, n.name FROM faces f JOIN photos p ON p.id = f.photo_id"
            " LEFT JOIN people n ON n.id = f.person_id ORDER BY f.id"
        ):
            mark.update(repr(row).encode("utf-8", "backslashreplace"))
        return mark.hexdigest()

    def labelled_faces(self, model: str) -> tuple[np.ndarray, np.ndarray]:
        """All labelled faces with vectors by a model, sorted by id: what an index is built from.

        Returns:
            Face ids, int64 (n,); person ids, int64 (n,).
        """
        return self._pairs("id", "person_id", "faces WHERE person_id IS NOT NULL AND model = ?", model)

    def vectors(self, faces: np.ndarray) -> Vectors:
        """Vectors of faces by one model, float32 (n, dimension).

        Args:
            faces: ids, ascending, int64 (n,).

        Raises:
            CatalogDamaged: one of them is not there.
        """
        rows = self._db.execute(
            "SELECT vector FROM faces WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(faces.tolist()),),
        ).fetchall()
        if len(rows) < len(faces):
            raise CatalogDamaged.of("the catalogue", f"{len(faces) - len(rows)} of {len(faces)} faces are missing")
        dimension = len(rows[0][0]) // 4 if rows else 0
        return np.frombuffer(b"".join(row[0] for row in rows), "<f4").reshape(len(faces), dimension)

    def _pairs(self, one: str, other: str, which: str, *of: str) -> tuple[np.ndarray, np.ndarray]:
        """Two columns of whole numbers, int64 (n,) each, sorted by the first.

        As one text: of a million rows, taking them one by one takes twice as long as reading them.
        """
        texts = self._db.execute(f"SELECT group_concat({one}), group_concat({other}) FROM {which}", of).fetchone()
        ones, others = (np.fromstring(text or "", np.int64, sep=",") for text in texts)
        order = np.argsort(ones, kind="stable")
        return ones[order], others[order]

    def counts(self) -> dict[str, int]:
        """Numbers of named people, of groups without a name, of photos with a face, and of faces.

        ``faces`` are those that are somebody's or in a group, ``unlabelled`` the others.
        """
        groups, everybody = self._db.execute(
            f"SELECT coalesce(sum({IS_GROUP}), 0), count(*) FROM people n"
            " WHERE EXISTS (SELECT 1 FROM faces WHERE person_id = n.id)"
        ).fetchone()
        photos = self._db.execute("SELECT count(*) FROM (SELECT DISTINCT photo_id FROM faces)").fetchone()[0]
        faces, all_faces = self._db.execute("SELECT count(person_id), count(*) FROM faces").fetchone()
        named, unlabelled = everybody - groups, all_faces - faces
        return {"people": named, "groups": groups, "photos": photos, "faces": faces, "unlabelled": unlabelled}
