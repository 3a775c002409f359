"""Dates that the pictures' own files have, as they were read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import astuple
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from niteru.engine.photos.dates.date_in_picture import PictureDates

_TOLD = (
    "(p.ref GLOB '1[89][0-9][0-9]*' OR p.ref GLOB '*[^0-9]1[89][0-9][0-9]*'"
    " OR p.ref GLOB '20[0-9][0-9]*' OR p.ref GLOB '*[^0-9]20[0-9][0-9]*' OR p.ref GLOB '*[^ -~]*'"
    " OR EXISTS (SELECT 1 FROM photo_columns c WHERE c.photo_id = p.id))"
)
"""Whether more than a photo's own file may tell its date: a table, or a year in its path; also in other digits than
these, so that whatever is not written in ASCII counts."""
_HAS_FACE = "EXISTS (SELECT 1 FROM faces f WHERE f.photo_id = p.id)"
_AMONG = "p.id IN (SELECT value FROM json_each(?))"


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

    def of_files_alone(self, among: Collection[int] | None) -> Iterator[tuple[int, str, str, str]]:
        """Photos with a face of which nothing but their own file tells a date.

        Args:
            among: ids of the photos to look at; None for all.

        Yields:
            The id of the photo, and the days that its file has, for :class:`PictureDates`, without their times.
        """
        which, of = _which(among)
        return iter(
            self._db.execute(
                "SELECT p.id, substr(taken, 1, 10), substr(digitised, 1, 10), substr(xmp, 1, 10)"
                " FROM picture_dates d JOIN photos p ON p.id = d.photo_id"
                f" WHERE {which} AND (taken != '' OR digitised != '' OR xmp != '') AND {_HAS_FACE} AND NOT {_TOLD}",
                of,
            )
        )

    def told(self, among: Collection[int] | None) -> list[DatedPhoto]:
        """The photos with a face of which more than their own file may tell the date, in the order of their ids.

        Args:
            among: ids of the photos to look at; None for all.
        """
        which, of = _which(among)
        rows = self._db.execute(
            "SELECT p.id, p.ref, p.added, iif(n.album, '', n.name), d.taken, d.digitised, d.xmp"
            " FROM photos p JOIN people n ON n.id = p.person_id LEFT JOIN picture_dates d ON d.photo_id = p.id"
            f" WHERE {which} AND {_HAS_FACE} AND {_TOLD} ORDER BY p.id",
            of,
        )
        return [
            DatedPhoto(photo, ref, _stem(ref, added), folder, _picture(*texts) if any(texts) else None)
            for photo, ref, added, folder, *texts in rows
        ]

    def undated(self) -> NDArray[np.int64]:
        """Ids of the photos whose date has to be judged again, ascending, int64 (n,)."""
        rows = self._db.execute("SELECT photo_id FROM undated ORDER BY photo_id").fetchall()
        return np.array(rows, np.int64).reshape(-1)

    def note_judged(self, passing: Collection[int]) -> None:
        """Note that all dates are published, of which some may be judged otherwise another day, by the photo's id."""
        others = "photo_id NOT IN (SELECT value FROM json_each(?))"
        self._db.execute(f"DELETE FROM undated WHERE {others}", (json.dumps(list(passing)),))
        self._db.executemany("INSERT OR IGNORE INTO undated (photo_id) VALUES (?)", [(photo,) for photo in passing])

    def names_in(self, folder: str) -> list[str]:
        """Names of the photos with a face in a folder below FACES, without suffixes, see :attr:`DatedPhoto.stem`."""
        within, behind = (f"{folder}/", f"{folder}0") if folder else ("", "\U0010ffff")
        rows = self._db.execute(
            "SELECT ref, added FROM photos p WHERE ref >= ?1 AND ref < ?2"
            " AND instr(substr(ref, length(?1) + 1), '/') = 0 AND EXISTS (SELECT 1 FROM faces WHERE photo_id = p.id)",
            (within, behind),
        )
        return [_stem(ref, added) for ref, added in rows]


def _which(among: Collection[int] | None) -> tuple[str, tuple[str, ...]]:
    """SQL condition that a photo is one of some, or of all, and what it is asked with."""
    return ("1", ()) if among is None else (_AMONG, (json.dumps(list(among)),))


def _picture(*texts: str | None) -> PictureDates:
    return PictureDates(*(text or "" for text in texts))


def _stem(ref: str, added: bool) -> str:
    name = ref.rpartition("/")[2]
    stem = name.rpartition(".")[0] or name
    return stem.rpartition("-")[0] if added else stem
