"""Catalogue of people, photos, faces and vectors in SQLite: the source of truth that indexes are built from."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from niteru.engine import Vectors
from niteru.engine.photos.person_name import NOBODY
from niteru.engine.photos.photo_stamp import PhotoStamp
from niteru.engine.photos.tables.photo_table import PhotoColumns
from niteru.indexer.catalog.claims import Claims
from niteru.indexer.catalog.connection import CatalogError
from niteru.indexer.catalog.database import migrate, open_for_reading, open_for_writing
from niteru.indexer.catalog.dates import Dates
from niteru.indexer.catalog.facts import Facts
from niteru.indexer.catalog.history import History
from niteru.indexer.catalog.labels import Labels
from niteru.indexer.catalog.queries import CatalogQueries
from niteru.indexer.catalog.rows import PhotoFile, SeenFace
from niteru.indexer.catalog.seals import seal_rows
from niteru.indexer.catalog.table_rows import CatalogTables
from niteru.indexer.catalog.verdicts import Verdicts

GALLERY_ID = "id"
"""Setting: the gallery's own id, which its reports carry."""
HOME = "home"
"""Setting: absolute path of the gallery's folder when it was last written to."""
CROPS_AT = "crops_at"
"""Setting: address of the crops, where the backend leaves a choice."""
COPYING = "copying"
"""Setting: the gallery that is being copied into this one, which is incomplete until the copy ends."""
ERASURES = "erasures"
"""Setting: number of erasures so far."""
ERASING = "erasing"
"""Setting: something was forgotten whose bytes may not be erased yet."""
TOLD = "told"
"""Setting: hashes of the photos that cannot be used, and of the reasons, that a run has told."""
VECTORS_CHANGED = "vectors_changed"
"""Setting: faces that may have been published have other vectors since."""
_MOVED = "CASE faces.person_id WHEN p.person_id THEN ?1 ELSE faces.person_id END"
"""Whose a face is once its photo lies in another folder: the new folder's, where it was the old one's."""
_DELETED = """
    CREATE TEMP TABLE IF NOT EXISTS deleted (face INTEGER PRIMARY KEY);
    CREATE TEMP TRIGGER IF NOT EXISTS faces_deleted AFTER DELETE ON main.faces
    BEGIN INSERT OR IGNORE INTO deleted VALUES (OLD.id); END;
"""
"""Notes faces that are deleted, for as long as a catalogue is open."""
_FACE = "photo_id, person_id, x, y, width, height, landmarks, score, quality, model, vector, second"


class Catalog:
    """One connection to a catalogue file, for one thread.

    Args:
        file: path of ``catalog.sqlite``; made, with its folder, unless ``readonly``.
        readonly: for the service and the report.

    Attributes:
        queries: read access.
        tables: access by rows, for copying.
        labels: which face is whose.
        verdicts: what people say of faces by hand.
        claims: names that photo programs gave to faces.
        facts: what people say of people by hand.
        history: who came and went, and when.
        dates: dates that the pictures' own files have.
        half_a_copy_of: the gallery that an unfinished copy was made from; None if this one is complete.

    Raises:
        CatalogError: the file is missing, is not a catalogue, or was written by a newer niteru.
    """

    def __init__(self, file: Path, *, readonly: bool = False) -> None:
        with contextlib.ExitStack() as on_failure:
            try:
                self._db = open_for_reading(file) if readonly else open_for_writing(file)
                on_failure.callback(self._db.close)
                if not readonly:
                    migrate(self._db, file)
                self.queries, self.tables = CatalogQueries(self._db), CatalogTables(self._db)
                self.labels, self.verdicts, self.claims = Labels(self._db), Verdicts(self._db), Claims(self._db)
                self.facts, self.dates, self.history = Facts(self._db), Dates(self._db), History(self._db)
                self.half_a_copy_of = self.queries.setting(COPYING)
                if readonly:
                    # One state of the catalogue from the first question on, whatever is enrolled meanwhile.
                    self._db.execute("BEGIN")
                else:
                    self._db.executescript(_DELETED)
            except OSError as error:
                raise CatalogError(f"{file}: {error}") from None
            on_failure.pop_all()

    @property
    def gallery_id(self) -> str:
        """The gallery's own id."""
        return str(self.queries.setting(GALLERY_ID))

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Apply all changes of a block or none; they are durable when it ends."""
        with self._db:
            yield
            seal_rows(self._db)
        self._ended()

    def _ended(self) -> None:
        """Hook that is called when a transaction is durable."""

    def put_photo(self, photo: PhotoFile, faces: Iterable[tuple[SeenFace, np.ndarray]], model: str) -> list[int]:
        """Enter a photo and its faces, replacing an earlier entry; the first face, the main one, gets the label.

        In a video, the first face of each moment does; in a photo of nobody's folder, none.

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
                *(photo_id, None if found.second in moments or photo.person == NOBODY else person, *face.box),
                *(face.landmarks.astype("<f4").tobytes(), face.score, json.dumps(found.quality)),
                *(model, vector.astype("<f4").tobytes(), found.second),
            )
            cursor = self._db.execute(f"INSERT INTO faces ({_FACE}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", row)
            ids.append(int(cursor.lastrowid or 0))
            moments.add(found.second)
        return ids

    def move_photo(self, old: str, photo: PhotoFile) -> None:
        """Rename a photo, and move it to another person where that changed; its faces keep ids and vectors."""
        person = self.labels.id_of(photo.person)
        self._db.execute(
            f"UPDATE faces SET person_id = {_MOVED} FROM photos p WHERE p.ref = ?2 AND photo_id = p.id",
            (None if photo.person == NOBODY else person, old),
        )
        self._db.execute(
            "UPDATE photos SET ref = ?, person_id = ?, size = ?, mtime_ns = ? WHERE ref = ?",
            (photo.ref, person, photo.size, photo.mtime_ns, old),
        )

    def copy_photo(self, old: str, photo: PhotoFile) -> dict[int, int]:
        """Enter a photo with copies of another photo's faces; the id of each copy by its original's."""
        photo_id, person = self._enter(photo)
        copies = {}
        for (face,) in self._db.execute(
            "SELECT id FROM faces WHERE photo_id = (SELECT id FROM photos WHERE ref = ?) ORDER BY id", (old,)
        ).fetchall():
            cursor = self._db.execute(
                f"INSERT INTO faces ({_FACE}) SELECT ?2, {_MOVED}, x, y, width, height, landmarks, score, quality,"
                " model, vector, second FROM faces JOIN photos p ON p.id = photo_id WHERE faces.id = ?3",
                (None if photo.person == NOBODY else person, photo_id, face),
            )
            copies[face] = int(cursor.lastrowid or 0)
        self._db.execute(
            "INSERT INTO picture_dates (photo_id, taken, digitised, xmp) SELECT ?, taken, digitised, xmp"
            " FROM picture_dates WHERE photo_id = (SELECT id FROM photos WHERE ref = ?)",
            (photo_id, old),
        )
        return copies

    def _enter(self, photo: PhotoFile) -> tuple[int, int]:
        """Enter a new photo, and its person if new; the ids of both."""
        person = self.labels.id_of(photo.person)
        columns = (photo.sha256, photo.size, photo.mtime_ns, photo.detector, photo.reason, photo.added)
        cursor = self._db.execute(
            "INSERT INTO photos (ref, person_id, sha256, size, mtime_ns, finder, reason, added)"
            " VALUES (?,?,?,?,?,?,?,?)",
            (photo.ref, person, *columns),
        )
        return int(cursor.lastrowid or 0), person

    def touch_photo(self, ref: str, stamp: PhotoStamp) -> None:
        """Record size and time of a file that was rewritten with the same content."""
        self._db.execute("UPDATE photos SET size = ?, mtime_ns = ? WHERE ref = ?", (*stamp, ref))

    def put_columns(self, ref: str, columns: PhotoColumns) -> None:
        """Replace what a table says of a photo beside path and person."""
        photo = "(SELECT id FROM photos WHERE ref = ?)"
        if columns:
            self._db.execute(
                f"INSERT INTO photo_columns (photo_id, pairs) VALUES ({photo}, ?)"
                " ON CONFLICT (photo_id) DO UPDATE SET pairs = excluded.pairs",
                (ref, json.dumps(columns, ensure_ascii=False)),
            )
        else:
            self._db.execute(f"DELETE FROM photo_columns WHERE photo_id = {photo}", (ref,))

    def remove_photo(self, ref: str) -> None:
        """Delete a photo and its faces."""
        self._db.execute("DELETE FROM photos WHERE ref = ?", (ref,))

    def remove_faces(self, faces: Iterable[int]) -> None:
        """Delete faces; their photos stay."""
        self._db.executemany("DELETE FROM faces WHERE id = ?", [(face,) for face in faces])

    def deleted_faces(self) -> list[int]:
        """Ids of the faces that were deleted since the catalogue was opened."""
        return [row[0] for row in self._db.execute("SELECT face FROM deleted")]

    def put_vectors(self, faces: list[int], vectors: Vectors, model: str) -> None:
        """Replace the vectors of faces by those of a model, float32 (n, dimension)."""
        self.set_setting(VECTORS_CHANGED, "yes")
        rows = [(model, vector.astype("<f4").tobytes(), face) for face, vector in zip(faces, vectors, strict=True)]
        self._db.executemany("UPDATE faces SET model = ?, vector = ? WHERE id = ?", rows)

    def set_setting(self, key: str, value: str) -> None:
        """Store a setting."""
        self._db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))

    def drop_setting(self, key: str) -> None:
        """Delete a setting."""
        self._db.execute("DELETE FROM meta WHERE key = ?", (key,))

    def suppress(self, hashes: Iterable[bytes]) -> None:
        """Add hashes to the suppression list."""
        self._db.executemany("INSERT OR IGNORE INTO wishes (hash) VALUES (?)", [(one,) for one in hashes])

    def release(self, hashes: Iterable[bytes]) -> None:
        """Remove hashes from the suppression list."""
        self._db.executemany("DELETE FROM wishes WHERE hash = ?", [(one,) for one in hashes])

    def begin_erasure(self) -> None:
        """Record that something was forgotten whose bytes are not erased yet; reports made until now are outdated."""
        self.owe_erasure()
        self.set_setting(ERASURES, str(self.erasures() + 1))

    def owe_erasure(self) -> None:
        """Record that bytes of deleted rows are to be erased."""
        self.set_setting(ERASING, "yes")

    def erasures(self) -> int:
        """Number of erasures so far."""
        return int(self.queries.setting(ERASURES) or 0)

    def end_erasure(self) -> None:
        """Record that everything forgotten is erased."""
        self.drop_setting(ERASING)

    def erasing(self) -> bool:
        """Whether bytes of something forgotten may not be erased yet."""
        return self.queries.setting(ERASING) is not None

    def scrub(self) -> None:
        """Rewrite file and log without any byte of what was deleted; not within a transaction.

        Raises:
            CatalogError: another process keeps reading, so that the log cannot be emptied.
        """
        self._db.execute("VACUUM")
        busy, _, _ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise CatalogError(
                "another process is reading the catalogue, so deleted bytes are still in its log: end that process and "
                "run niteru index"
            )

    def note(self, what: str, detail: object) -> None:
        """Add an entry to the event log."""
        self._db.execute("INSERT INTO events (what, detail) VALUES (?, ?)", (what, json.dumps(detail)))
