"""Dates that the pictures' own files have, as they were read."""

from __future__ import annotations

import posixpath
import sqlite3
from dataclasses import astuple
from typing import NamedTuple

from niteru.engine.photos.dates.date_in_picture import PictureDates


class DatedPhoto(NamedTuple):
    """A photo with a face, and what may tell its date; of a million, a tuple takes a third of a dataclass's time.

    Attributes:
        id: of the photo.
        ref: its path below FACES.
        stem: its name without the suffix, and without what adding it by hand has added.
        folder: name of the person whose folder it lies in; empty for nobody's, and for that of an album.
        picture: dates in its own file; None where it has none.
    """

    id: int
    ref: str
    stem: str
    folder: str
    picture: PictureDates | None


class Dates:
    """The dates in a catalogue. What changes them must run in a transaction.

    Args:
        database: an open connection.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def put(self, ref: str, found: PictureDates) -> None:
        """Replace what a photo's file says of its date."""
        self._db.execute(
            "INSERT INTO picture_dates (photo_id, taken, digitised, xmp) SELECT id, ?, ?, ? FROM photos WHERE ref = ?"
            " ON CONFLICT (photo_id) DO UPDATE SET"
            " taken = excluded.taken, digitised = excluded.digitised, xmp = excluded.xmp",
            (*astuple(found), ref),
        )

    def read(self) -> set[str]:
        """Refs of the photos whose files were read for dates."""
        return {
            row[0] for row in self._db.execute("SELECT ref FROM picture_dates d JOIN photos p ON p.id = d.photo_id")
        }

    def photos(self) -> list[DatedPhoto]:
        """The photos with a face of which something may tell the date, in the order of their ids.

        That is their own file, a table, or a year in their path; also in other digits than these, so that whatever is
        not written in ASCII counts.
        """
        rows = self._db.execute(
            "SELECT p.id, p.ref, p.added, iif(n.album, '', n.name), d.taken, d.digitised, d.xmp"
            " FROM photos p JOIN people n ON n.id = p.person_id LEFT JOIN picture_dates d ON d.photo_id = p.id"
            " WHERE p.id IN (SELECT photo_id FROM faces) AND"
            " (d.taken != '' OR d.digitised != '' OR d.xmp != '' OR p.id IN (SELECT photo_id FROM photo_columns)"
            " OR p.ref GLOB '*1[89][0-9][0-9]*' OR p.ref GLOB '*20[0-9][0-9]*' OR p.ref GLOB '*[^ -~]*') ORDER BY p.id"
        )
        return [
            DatedPhoto(photo, ref, _stem(ref, added), folder, _picture(*texts) if any(texts) else None)
            for photo, ref, added, folder, *texts in rows
        ]

    def names_in(self, folder: str) -> list[str]:
        """Names of the photos with a face in a folder below FACES, without suffixes, see :attr:`DatedPhoto.stem`."""
        within, behind = (f"{folder}/", f"{folder}0") if folder else ("", "\U0010ffff")
        rows = self._db.execute(
            "SELECT ref, added FROM photos p WHERE ref >= ?1 AND ref < ?2"
            " AND instr(substr(ref, length(?1) + 1), '/') = 0 AND EXISTS (SELECT 1 FROM faces WHERE photo_id = p.id)",
            (within, behind),
        )
        return [_stem(ref, added) for ref, added in rows]


def _picture(*texts: str | None) -> PictureDates:
    return PictureDates(*(text or "" for text in texts))


def _stem(ref: str, added: bool) -> str:
    stem, _ = posixpath.splitext(posixpath.basename(ref))
    return stem.rpartition("-")[0] if added else stem
