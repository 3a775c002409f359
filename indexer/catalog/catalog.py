"""The catalogue: people, photos, faces and vectors in SQLite. It is the truth; indexes are built from it."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from niteru.engine import Vectors
from niteru.engine.photos.photo_stamp import PhotoStamp
from niteru.indexer.catalog.database import CatalogError, migrate, open_for_reading, open_for_writing
from niteru.indexer.catalog.queries import CatalogQueries
from niteru.indexer.catalog.rows import PhotoFile, SeenFace
from niteru.indexer.catalog.tables import CatalogTables

CROPS_AT = "crops_at"
"""Setting: where a backend keeps the crops, if it has a choice."""
COPYING = "copying"
"""Setting: what is being copied into the gallery, which is not whole before that ends."""
ERASURES = "erasures"
"""Setting: how often something was forgotten."""
_ERASING = "erasing"
_FACE = "photo_id, person_id, x, y, width, height, landmarks, score, quality, model, vector, second"


class Catalog:
    """One connection to a catalogue file; one a thread.

    Args:
        file: path of ``catalog.sqlite``; made, with its folder, unless ``readonly``.
        readonly: for the service and the report.

    Attributes:
        queries: what can be asked of it.
        tables: the same as rows, for copying.
        half_a_copy_of: what is being copied into this gallery, or was; None if it is whole.

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
                self.queries, self.tables = CatalogQueries(self._db), CatalogTables(self._db)
                self.half_a_copy_of = self.queries.setting(COPYING)
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
        self._ended()

    def _ended(self) -> None:
        """What is to be done when a transaction is durable."""

    def put_photo(self, photo: PhotoFile, faces: Iterable[tuple[SeenFace, np.ndarray]], model: str) -> list[int]:
        """Enter a photo and its faces in place of what was known of it; the first face is the person's.

        In a video it is the first one of each moment.

        Returns:
            The ids of the faces.
        """
        self.remove_photo(photo.ref)
        photo_id, person = self._enter(photo)
        ids = []
        moments: set[float | None] = set()
        for found, vector in faces:
            face = found.face
            row = (
                *(photo_id, None if found.second in moments else person, *face.box),
                *(face.landmarks.astype("<f4").tobytes(), face.score, json.dumps(found.quality)),
                *(model, vector.astype("<f4").tobytes(), found.second),
            )
            cursor = self._db.execute(f"INSERT INTO faces ({_FACE}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", row)
            ids.append(int(cursor.lastrowid or 0))
            moments.add(found.second)
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
                f"INSERT INTO faces ({_FACE})"
                " SELECT ?, CASE WHEN person_id IS NULL THEN NULL ELSE ? END, x, y, width, height, landmarks, score,"
                " quality, model, vector, second FROM faces WHERE id = ?",
                (photo_id, person, face),
            )
            copies[face] = int(cursor.lastrowid or 0)
        return copies

    def _enter(self, photo: PhotoFile) -> tuple[int, int]:
        """The ids of a new photo and of its person."""
        person = self._person(photo.person)
        columns = (photo.sha256, photo.size, photo.mtime_ns, photo.detector, photo.reason, photo.added)
        cursor = self._db.execute(
            "INSERT INTO photos (ref, person_id, sha256, size, mtime_ns, finder, reason, added)"
            " VALUES (?,?,?,?,?,?,?,?)",
            (photo.ref, person, *columns),
        )
        return int(cursor.lastrowid or 0), person

    def _person(self, name: str) -> int:
        self._db.execute("INSERT OR IGNORE INTO people (name) VALUES (?)", (name,))
        return int(self._db.execute("SELECT id FROM people WHERE name = ?", (name,)).fetchone()[0])

    def label(self, face: int | None, of_photo: list[int], person: int) -> None:
        """Make ``face`` the person's, of the faces of one photo; the others, or all, belong to nobody."""
        others = json.dumps(of_photo)
        self._db.execute(
            "UPDATE faces SET person_id = CASE id WHEN ?1 THEN ?2 END"
            " WHERE id IN (SELECT value FROM json_each(?3)) AND person_id IS NOT CASE id WHEN ?1 THEN ?2 END",
            (face, person, others),
        )

    def touch_photo(self, ref: str, stamp: PhotoStamp) -> None:
        """Note that a file was rewritten with the same content."""
        self._db.execute("UPDATE photos SET size = ?, mtime_ns = ? WHERE ref = ?", (*stamp, ref))

    def remove_photo(self, ref: str) -> None:
        """Drop a photo and its faces."""
        self._db.execute("DELETE FROM photos WHERE ref = ?", (ref,))

    def remove_faces(self, faces: Iterable[int]) -> None:
        """Drop faces; their photos stay."""
        self._db.executemany("DELETE FROM faces WHERE id = ?", [(face,) for face in faces])

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

    def drop_setting(self, key: str) -> None:
        """Take a choice back."""
        self._db.execute("DELETE FROM meta WHERE key = ?", (key,))

    def suppress(self, hashes: Iterable[bytes]) -> None:
        """Keep hashes of what must not come in again."""
        self._db.executemany("INSERT OR IGNORE INTO wishes (hash) VALUES (?)", [(one,) for one in hashes])

    def release(self, hashes: Iterable[bytes]) -> None:
        """Let what has these hashes in again."""
        self._db.executemany("DELETE FROM wishes WHERE hash = ?", [(one,) for one in hashes])

    def begin_erasure(self) -> None:
        """Note that something was forgotten whose bytes are still about."""
        self.set_setting(_ERASING, "yes")
        self.set_setting(ERASURES, str(int(self.queries.setting(ERASURES) or 0) + 1))

    def end_erasure(self) -> None:
        """Note that they are gone."""
        self.drop_setting(_ERASING)

    def erasing(self) -> bool:
        """Whether bytes of something forgotten may still be about."""
        return self.queries.setting(_ERASING) is not None

    def scrub(self) -> None:
        """Leave no byte of what was deleted in the file or its log; not within a transaction.

        Raises:
            CatalogError: somebody else has been reading all the while, so that the log cannot be emptied.
        """
        self._db.execute("VACUUM")
        busy, _, _ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise CatalogError("another process is reading the catalogue, so deleted bytes are still in its log")

    def note(self, what: str, detail: object) -> None:
        """Write a line of the event log."""
        self._db.execute("INSERT INTO events (what, detail) VALUES (?, ?)", (what, json.dumps(detail)))
