"""Table of photos: a path and a person in each row, and whatever else is known of them in further columns."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from pathlib import Path

from niteru.engine.failure import Failure
from niteru.engine.photos.person_name import name_key, tidy_name
from niteru.engine.photos.tables.cells import Cells, TableUnusable, readings

PhotoColumns = tuple[tuple[str, str], ...]
"""What further columns say of a photo: pairs of a column's name and a value, sorted; several of one name are a set."""

_HEAD_WITHIN = 10
"""Rows in which the names of the columns are looked for: a title, or Excel's ``sep=;``, may come first."""
_BETWEEN_VALUES = re.compile(r"[;|]")
_CHOICE = re.compile(r"(?:^|,)\s*(photo|person)=")
_MOST_LETTERS = 16_000
"""Letters of all that further columns say of one photo: what a database keeps in one field, with any alphabet."""


class BadColumnNames(Failure):
    """The choice of columns is not of the form ``photo=NAME,person=NAME``."""


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """Names of the two columns that a table must have."""

    photo: str = "path"
    person: str = "person"

    @classmethod
    def parse(cls, text: str) -> ColumnNames:
        """Read a choice as it is written on the command line; one of the two may be left out.

        Raises:
            BadColumnNames: it is not of that form.

        Example:
            >>> ColumnNames.parse("photo=Datei,person=Name, Vorname")
            ColumnNames(photo='Datei', person='Name, Vorname')
        """
        before, *parts = _CHOICE.split(text)
        chosen = {which: name.strip() for which, name in zip(parts[::2], parts[1::2], strict=True)}
        if before or not chosen or not all(chosen.values()) or len(chosen) * 2 != len(parts):
            raise BadColumnNames(f"{text!r} does not name columns: write photo=NAME,person=NAME")
        return cls(**chosen)


OF_NAMES = frozenset({"box", "source"})
"""Columns in which ``niteru names --csv`` says where a name is from: of a table with both they are not people's."""
PATH_AND_PERSON = ColumnNames()
"""The names that are looked for where no others are given."""


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """One row: path and person as they are written, and the further columns."""

    path: str
    person: str
    columns: PhotoColumns


def photo_rows(table: Path, names: ColumnNames) -> list[PhotoRow]:
    """Read a table of photos.

    Args:
        table: a CSV file or a workbook, see :mod:`niteru.engine.photos.tables.cells`.
        names: of the columns with path and person.

    Raises:
        TableUnusable: it cannot be read, or does not have these columns.
        OSError: the file cannot be read.
    """
    wanted = name_key(names.photo), name_key(names.person)
    for rows in readings(table):
        for number, row in enumerate(rows[:_HEAD_WITHIN]):
            if set(wanted) <= {name_key(cell) for cell in row}:
                return _read(table, row, rows[number + 1 :], wanted)
    raise TableUnusable(
        f"{table}: its first line must name the columns {names.photo} and {names.person}; if they are called otherwise:"
        " niteru index --columns photo=NAME,person=NAME"
    )


def _read(table: Path, head: Cells, rows: list[Cells], wanted: tuple[str, str]) -> list[PhotoRow]:
    keys = [name_key(cell) for cell in head]
    twice = next((name for name, key in zip(head, keys, strict=True) if key and keys.count(key) > 1), None)
    if twice is not None:
        raise TableUnusable(f"{table}: two columns are called {tidy_name(twice)!r}: rename one of them")
    path, person = map(keys.index, wanted)
    ours = OF_NAMES if set(keys) >= OF_NAMES else frozenset()
    further = {
        at: tidy_name(name)
        for at, name in enumerate(head)
        if keys[at] and keys[at] not in ours and at not in (path, person)
    }
    padded = (row + [""] * (len(head) - len(row)) for row in rows)
    found = [PhotoRow(row[path].strip(), row[person].strip(), _columns(row, further)) for row in padded]
    long = next((row for row in found if sum(map(len, itertools.chain(*row.columns))) > _MOST_LETTERS), None)
    if long is not None:
        raise TableUnusable(f"{table}: more than {_MOST_LETTERS:,} letters are said of {long.path}: shorten its cells")
    return found


def _columns(row: Cells, further: dict[int, str]) -> PhotoColumns:
    return tuple(sorted({(name, value) for at, name in further.items() for value in values_in_cell(row[at])}))


def values_in_cell(text: str) -> list[str]:
    """The values in a cell, which has several between ``;`` or ``|``.

    Example:
        >>> values_in_cell("Byron; Lovelace;")
        ['Byron', 'Lovelace']
    """
    return [value for part in _BETWEEN_VALUES.split(text) if (value := tidy_name(part))]
