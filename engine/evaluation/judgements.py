"""Tables of what people say of likeness, in the three forms in which it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from niteru.engine.failure import Failure
from niteru.engine.photos.person_name import name_key
from niteru.engine.photos.tables.cells import Cells, readings

_HEAD_WITHIN = 10
"""Rows in which the names of the columns are looked for: a title, or Excel's ``sep=;``, may come first."""
FORMS = (
    "a,b,score (two photos and how alike people find them), a,b,c,odd (three photos and the one that people leave out) "
    "or photo,double (a photo, or a person in FACES, and the person in FACES who is its double)"
)


class JudgementsUnusable(Failure):
    """The table has none of the known forms, a cell is not what its column promises, or no photo in it can be used."""


@dataclass(frozen=True, slots=True)
class ScoredPairs:
    """Pairs of photos, (n, 2), and how alike people find each, float64 (n,); bigger is more alike."""

    photos: list[tuple[str, ...]]
    scores: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Triplets:
    """Three photos in each row, and the place, 0 to 2, of the one that a judge left out, int64 (n,)."""

    photos: list[tuple[str, ...]]
    odd: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NamedDoubles:
    """Photos or people, and for each the name of the person who is its double."""

    probes: list[str]
    doubles: list[str]


Judgements: TypeAlias = ScoredPairs | Triplets | NamedDoubles
_Rows: TypeAlias = list[tuple[int, list[str]]]
"""Number in the file and wanted cells of each row."""


def read_judgements(file: Path) -> Judgements:
    """Read a table whose columns say which form it has; further columns are overlooked.

    Args:
        file: a CSV file or a workbook, see :mod:`niteru.engine.photos.tables.cells`.

    Raises:
        JudgementsUnusable: it has none of the forms, or a cell is wrong; the message names the row.
        TableUnusable: it is no table at all.
        OSError: the file cannot be read.
    """
    forms: dict[tuple[str, ...], Callable[[Path, _Rows], Judgements]] = {
        ("photo", "double"): _doubles,
        ("a", "b", "c", "odd"): _triplets,
        ("a", "b", "score"): _pairs,
    }
    for rows in readings(file):
        for start, head in enumerate(rows[:_HEAD_WITHIN]):
            keys = [name_key(cell) for cell in head]
            for columns, read in forms.items():
                if set(columns) <= set(keys):
                    found = _wanted(rows[start + 1 :], start + 2, [keys.index(column) for column in columns])
                    if not found:
                        raise JudgementsUnusable(f"{file}: there is no judgement below its first line")
                    return read(file, found)
    raise JudgementsUnusable(f"{file}: its first line must name the columns of one form: {FORMS}")


def _wanted(rows: list[Cells], first: int, places: list[int]) -> _Rows:
    """Cells of the wanted columns; empty rows are left out."""
    found = []
    for number, row in enumerate(rows, start=first):
        cells = [row[place].strip() if place < len(row) else "" for place in places]
        if any(cells):
            found.append((number, cells))
    return found


def _pairs(file: Path, rows: _Rows) -> ScoredPairs:
    scores = []
    for number, (_, _, score) in rows:
        try:
            scores.append(float(score.replace(",", ".")))
        except ValueError:
            scores.append(np.nan)
        if not np.isfinite(scores[-1]):
            raise JudgementsUnusable(f"{file}, row {number}: the score {score!r} is no number")
    return ScoredPairs([_photos(file, number, cells[:2]) for number, cells in rows], np.array(scores))


def _triplets(file: Path, rows: _Rows) -> Triplets:
    photos, odd = [], []
    for number, (*three, chosen) in rows:
        photos.append(_photos(file, number, three))
        column = ["a", "b", "c"]
        place = three if chosen in three else column if chosen.lower() in column else None
        if place is None:
            raise JudgementsUnusable(
                f"{file}, row {number}: odd is {chosen!r}, and must be one of its three photos, or a, b or c; leave "
                "out rows in which nobody chose"
            )
        odd.append(place.index(chosen if place is three else chosen.lower()))
    return Triplets(photos, np.array(odd, np.int64))


def _doubles(file: Path, rows: _Rows) -> NamedDoubles:
    cells = [_filled(file, number, both) for number, both in rows]
    return NamedDoubles([probe for probe, _ in cells], [double for _, double in cells])


def _photos(file: Path, number: int, photos: list[str]) -> tuple[str, ...]:
    if len(set(_filled(file, number, photos))) < len(photos):
        raise JudgementsUnusable(f"{file}, row {number} names a photo twice: leave it out")
    return tuple(photos)


def _filled(file: Path, number: int, cells: list[str]) -> list[str]:
    if not all(cells):
        raise JudgementsUnusable(f"{file}, row {number}: a cell is empty")
    return cells
