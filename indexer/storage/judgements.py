"""What people say of likeness in the page's game: a table in the gallery for ``niteru evaluate --likeness``."""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import astuple, dataclass
from pathlib import Path

from niteru.engine.work.write_atomically import write_atomically

FILE = "judgements.csv"
_HEADER = ("a", "b", "c", "odd")


@dataclass(frozen=True, slots=True)
class Judgement:
    """Three photos, by their refs, and the one that a judge leaves out."""

    a: str
    b: str
    c: str
    odd: str


class Judgements:
    """Table of a gallery's judgements.

    Args:
        folder: of the gallery.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE

    def add(self, judgement: Judgement) -> None:
        """Add a row at the end."""
        new = not self._file.exists()
        with self._file.open("a", newline="", encoding="utf-8") as out:
            table = csv.writer(out, lineterminator="\n")
            if new:
                table.writerow(_HEADER)
            table.writerow(astuple(judgement))

    def keep_only(self, photos: Collection[str]) -> None:
        """Drop the rows that name other photos than these, for their people may have been forgotten."""
        if not self._file.exists():
            return
        with self._file.open(newline="", encoding="utf-8") as rows:
            kept = [row for row in csv.reader(rows) if tuple(row) == _HEADER or all(one in photos for one in row)]
        with write_atomically(self._file) as aside, aside.open("w", newline="", encoding="utf-8") as out:
            csv.writer(out, lineterminator="\n").writerows(kept)
