"""The catalogue: people, photos, faces and vectors in SQLite. It is the truth; indexes are built from it."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import numpy as np

from engine.embedder import Vectors
from engine.extraction import FoundFace
from indexer.database import CatalogError, migrate, open_for_reading, open_for_writing
from indexer.rows import FaceRow, PhotoFaces, PhotoFile, PhotoState, face_row

_FACE_COLUMNS = """
    SELECT f.id, p.ref, f.person_id, n.name, f.x, f.y, f.width, f.height, f.landmarks, f.score, f.quality
    FROM faces f JOIN photos p ON p.id = f.photo_id LEFT JOIN people n ON n.id = f.person_id
"""
_OF_PHOTO = "WHERE p.ref = ? ORDER BY f.person_id IS NULL, f.id"


class Catalog:
    """One connection to a catalogue file; one a thread.

    Args:
        file: path of ``catalog.sqlite``; made, with its folder, unless ``readonly``.
        readonly: for the service and the report.

    Raises:
        CatalogError: no file to read, not a catalogue, or one written by a newer niteru.
    """

    def __init__(self, file: Path, *, readonly: bool = False) -> None:
        """See the class."""
        if readonly and not file.is_file():
            raise CatalogError(f"{file.parent}: no gallery here. Make one: make index FACES=folder-of-photos")
        with contextlib.ExitStack() as on_failure:
            try:
                self._db = open_for_reading(file) if readonly else open_for_writing(file)
                on_failure.callback(self._db.close)
                migrate(self._db, file, readonly)
                if readonly:
                    # One state of the catalogue while this connection lives, whatever is enrolled meanwhile.
                    self._db.execute("BEGIN")
            except (sqlite3.DatabaseError, OSError) as error:
                raise CatalogError(f"{file}: {error}") from None
            on_failure.pop_all()

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, durable when it ends."""
        with self._db:
            yield

    # Writing

    def put_photo(self, photo: PhotoFile, faces: Iterable[tuple[FoundFace, np.ndarray]], model: str) -> list[int]:
        """Enter a photo and its faces in place of what was known of it; the first face is the person's.

        Returns:
            The ids of the faces.
        """
        self.remove_photo(photo.ref)
        photo_id, person = self._enter(photo)
        ids = []
        for position, (found, vector) in enumerate(faces):
            face = found.face
            row = (
                *(photo_id, person if position == 0 else None, *face.box),
                *(face.landmarks.astype("<f4").tobytes(), face.score, json.dumps(found.quality)),
                *(model, vector.astype("<f4").tobytes()),
            )
            cursor = self._db.execute(
                "INSERT INTO faces (photo_id, person_id, x, y, width, height, landmarks, score, quality, model, vector)"
                " VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                row,
            )
            ids.append(int(cursor.lastrowid or 0))
        return ids

    def move_photo(self, old: str, photo: PhotoFile) -> None:
        """Give a photo another name, and perhaps person; its faces stay what they are."""
        person = self._person(photo.person)
        self._db.execute(
            "UPDATE faces SET person_id = ? WHERE person_id IS NOT NULL"
            " AND photo_id = (SELECT id FROM photos WHERE ref = ?)",
            (person, old),
        )
        self._db.execute(
            "UPDATE photos SET ref = ?, person_id = ?, size = ?, mtime_ns = ? WHERE ref = ?",
            (photo.ref, person, photo.size, photo.mtime_ns, old),
        )

    def copy_photo(self, old: str, photo: PhotoFile) -> dict[int, int]:
        """Enter a photo with the faces of another one; the id of each face's copy."""
        photo_id, person = self._enter(photo)
        copies = {}
        for (face,) in self._db.execute(
            "SELECT id FROM faces WHERE photo_id = (SELECT id FROM photos WHERE ref = ?) ORDER BY id", (old,)
        ).fetchall():
            cursor = self._db.execute(
                "INSERT INTO faces (photo_id, person_id, x, y, width, height, landmarks, score, quality, model, vector)"
                " SELECT ?, CASE WHEN person_id IS NULL THEN NULL ELSE ? END, x, y, width, height, landmarks, score,"
                " quality, model, vector FROM faces WHERE id = ?",
                (photo_id, person, face),
            )
            copies[face] = int(cursor.lastrowid or 0)
        return copies

    def _enter(self, photo: PhotoFile) -> tuple[int, int]:
        """The ids of a new photo and of its person."""
        person = self._person(photo.person)
        columns = (photo.sha256, photo.size, photo.mtime_ns, photo.finder, photo.reason)
        cursor = self._db.execute(
            "INSERT INTO photos (ref, person_id, sha256, size, mtime_ns, finder, reason) VALUES (?,?,?,?,?,?,?)",
            (photo.ref, person, *columns),
        )
        return int(cursor.lastrowid or 0), person

    def _person(self, name: str) -> int:
        self._db.execute("INSERT OR IGNORE INTO people (name) VALUES (?)", (name,))
        return int(self._db.execute("SELECT id FROM people WHERE name = ?", (name,)).fetchone()[0])

    def label(self, face: int, of_photo: list[int], person: int) -> None:
        """Make ``face`` the person's, of the faces of one photo; the others belong to nobody."""
        others = json.dumps(of_photo)
        self._db.execute(
            "UPDATE faces SET person_id = CASE id WHEN ?1 THEN ?2 END"
            " WHERE id IN (SELECT value FROM json_each(?3)) AND person_id IS NOT CASE id WHEN ?1 THEN ?2 END",
            (face, person, others),
        )

    def touch_photo(self, ref: str, size: int, mtime_ns: int) -> None:
        """Note that a file was rewritten with the same content."""
        self._db.execute("UPDATE photos SET size = ?, mtime_ns = ? WHERE ref = ?", (size, mtime_ns, ref))

    def remove_photo(self, ref: str) -> None:
        """Drop a photo and its faces."""
        self._db.execute("DELETE FROM photos WHERE ref = ?", (ref,))

    def drop_empty_people(self) -> None:
        """Forget the names of people without a photo."""
        self._db.execute("DELETE FROM people WHERE id NOT IN (SELECT person_id FROM photos)")

    def put_vectors(self, faces: list[int], vectors: Vectors, model: str) -> None:
        """Replace the vectors of faces by those of a model; shapes (n,) and (n, dimension)."""
        rows = [(model, vector.astype("<f4").tobytes(), face) for face, vector in zip(faces, vectors, strict=True)]
        self._db.executemany("UPDATE faces SET model = ?, vector = ? WHERE id = ?", rows)

    def set_setting(self, key: str, value: str) -> None:
        """Keep a choice of the owner."""
        self._db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))

    def note(self, what: str, detail: object) -> None:
        """Write a line of the event log."""
        self._db.execute("INSERT INTO events (what, detail) VALUES (?, ?)", (what, json.dumps(detail)))

    # Reading

    def damages(self) -> list[str]:
        """What SQLite finds wrong with the file; usually nothing."""
        found = [str(row[0]) for row in self._db.execute("PRAGMA integrity_check") if row[0] != "ok"]
        return [f"the catalogue is damaged: {what}" for what in found]

    def setting(self, key: str) -> str | None:
        """A choice of the owner; None where none was made."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def faces_by_others(self, model: str) -> list[int]:
        """Ids of the faces whose vectors were not made by this model, in order."""
        return [row[0] for row in self._db.execute("SELECT id FROM faces WHERE model != ? ORDER BY id", (model,))]

    def photos_of(self, faces: list[int]) -> set[str]:
        """Refs of the photos that faces are in."""
        rows = self._db.execute(
            "SELECT DISTINCT p.ref FROM faces f JOIN photos p ON p.id = f.photo_id"
            " WHERE f.id IN (SELECT value FROM json_each(?))",
            (json.dumps(faces),),
        )
        return {row[0] for row in rows}

    def finder(self) -> str | None:
        """Name of what found the faces; None in an empty catalogue."""
        row = self._db.execute("SELECT finder FROM photos LIMIT 1").fetchone()
        return None if row is None else str(row[0])

    def photos(self) -> dict[str, PhotoState]:
        """All photos, usable or not, by ref."""
        rows = self._db.execute(
            "SELECT p.ref, n.name, p.sha256, p.size, p.mtime_ns, p.finder, p.reason,"
            " (SELECT CASE count(DISTINCT model) WHEN 0 THEN NULL WHEN 1 THEN min(model) ELSE 'several' END"
            " FROM faces f WHERE f.photo_id = p.id)"
            " FROM photos p JOIN people n ON n.id = p.person_id ORDER BY p.ref"
        )
        return {row[0]: PhotoState(*row) for row in rows}

    def face_ids(self) -> set[int]:
        """Ids of all faces, of people and in backgrounds."""
        return {row[0] for row in self._db.execute("SELECT id FROM faces")}

    def faces(self, ids: Iterable[int]) -> dict[int, FaceRow]:
        """The faces with these ids that are still there."""
        wanted = json.dumps([int(i) for i in ids])
        rows = self._db.execute(f"{_FACE_COLUMNS} WHERE f.id IN (SELECT value FROM json_each(?))", (wanted,))
        return {face.id: face for face in map(face_row, rows)}

    def faces_of_photo(self, ref: str) -> list[FaceRow]:
        """The faces of a photo, the person's first."""
        return [face_row(r) for r in self._db.execute(f"{_FACE_COLUMNS} {_OF_PHOTO}", (ref,))]

    def faces_of_person(self, name: str) -> list[FaceRow]:
        """The labelled faces of a person, by photo."""
        return [face_row(r) for r in self._db.execute(f"{_FACE_COLUMNS} WHERE n.name = ? ORDER BY p.ref", (name,))]

    def crowded_people(self) -> list[int]:
        """Ids of the people of whom some photo shows several faces."""
        rows = self._db.execute(
            "SELECT DISTINCT p.person_id FROM photos p WHERE (SELECT count(*) FROM faces f WHERE f.photo_id = p.id) > 1"
        )
        return [row[0] for row in rows]

    def photos_of_person(self, person: int, model: str) -> list[PhotoFaces]:
        """All faces in a person's photos, labelled or not, photo by photo; those without vectors by ``model`` not."""
        rows = self._db.execute(
            "SELECT f.photo_id, f.id, f.vector FROM faces f JOIN photos p ON p.id = f.photo_id"
            " WHERE p.person_id = ? AND f.model = ? ORDER BY f.photo_id, f.id",
            (person, model),
        )
        photos = []
        for _, group in groupby(rows, key=lambda row: row[0]):
            ids, vectors = zip(*((row[1], np.frombuffer(row[2], "<f4")) for row in group), strict=True)
            photos.append(PhotoFaces(np.array(ids, np.int64), np.stack(vectors)))
        return photos

    def people(self) -> list[tuple[int, str, int]]:
        """``(id, name, faces)`` of everybody with a face, by name."""
        return self._db.execute(
            "SELECT n.id, n.name, count(*) FROM people n JOIN faces f ON f.person_id = n.id"
            " GROUP BY n.id ORDER BY n.name"
        ).fetchall()

    def vector(self, face: int, model: str) -> np.ndarray | None:
        """The vector of a face, float32 (dimension,); None if there is none by this model."""
        row = self._db.execute("SELECT vector FROM faces WHERE id = ? AND model = ?", (face, model)).fetchone()
        return None if row is None else np.frombuffer(row[0], "<f4")

    def labelled_vectors(self, model: str) -> tuple[np.ndarray, np.ndarray, Vectors]:
        """Everything an index is built from, in the order of the ids.

        Args:
            model: id of the model; vectors of another one are left out.

        Returns:
            Face ids, int64 (n,); person ids, int64 (n,); unit vectors, float32 (n, dimension).
        """
        rows = self._db.execute(
            "SELECT id, person_id, vector FROM faces WHERE person_id IS NOT NULL AND model = ? ORDER BY id", (model,)
        ).fetchall()
        ids = np.array([row[0] for row in rows], np.int64)
        people = np.array([row[1] for row in rows], np.int64)
        vectors = np.frombuffer(b"".join(row[2] for row in rows), "<f4").reshape(len(rows), -1) if rows else None
        return ids, people, np.empty((0, 0), np.float32) if vectors is None else vectors

    def counts(self) -> dict[str, int]:
        """Numbers of people with a face, photos with a face, labelled faces, and faces that are nobody's."""
        row = self._db.execute(
            "SELECT count(DISTINCT person_id), count(DISTINCT photo_id), count(person_id), count(*) - count(person_id)"
            " FROM faces"
        ).fetchone()
        return dict(zip(("people", "photos", "faces", "unlabelled"), row, strict=True))
