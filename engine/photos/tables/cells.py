"""Cells of a table as text, whichever program wrote the file: CSV in any dialect, or the first sheet of a workbook."""

from __future__ import annotations

import codecs
import csv
import datetime
import io
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

from niteru.engine.failure import Failure

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
TEXTS = (".csv", ".tsv", ".txt")
DELIMITERS = ",;\t|"
_SPREADSHEETS_OF_APPLE = (".numbers",)
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_MOST_BYTES = 2**30
Cells = list[str]


class TableUnusable(Failure):
    """The file is not a table that can be read."""


def is_table(file: PurePath) -> bool:
    """Whether a file of that name is taken for a table."""
    return file.suffix.lower() in (*WORKBOOKS, *TEXTS, *_SPREADSHEETS_OF_APPLE)


def readings(file: Path) -> Iterator[list[Cells]]:
    """Read a table in each way in which it may be meant: a CSV file does not say what separates its columns.

    Yields:
        All rows, each a list of text; one of these readings at most has the columns that are looked for.

    Raises:
        TableUnusable: the file is neither text nor a workbook.
        OSError: it cannot be read.
    """
    kind = file.suffix.lower()
    if kind in WORKBOOKS:
        yield _first_sheet(file)
    elif kind in _SPREADSHEETS_OF_APPLE:
        raise TableUnusable(f"{file}: Numbers' own files cannot be read: export it as CSV or Excel (.xlsx)")
    else:
        text = _text(file)
        for delimiter in DELIMITERS:
            yield _split(file, text, delimiter)


def _text(file: Path) -> str:
    data = file.read_bytes()
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise TableUnusable(f"{file}: {error}; save it as CSV in UTF-8 (Excel: “CSV UTF-8”)") from None
    if "\0" in text:
        raise TableUnusable(f"{file}: it is no text in UTF-8; save it as CSV in UTF-8, or as .xlsx")
    return text


def _split(file: Path, text: str, delimiter: str) -> list[Cells]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise TableUnusable(f"{file}: {error}; save it as CSV in UTF-8, or as .xlsx") from None


def _first_sheet(file: Path) -> list[Cells]:
    # Loaded when needed: hardly anybody's photos are listed in a workbook.
    from python_calamine import CalamineError, CalamineWorkbook

    if file.stat().st_size > _MOST_BYTES:
        raise TableUnusable(f"{file}: it is larger than a gibibyte; save it as CSV in UTF-8")
    try:
        with io.BytesIO(file.read_bytes()) as data:
            sheet = CalamineWorkbook.from_filelike(data).get_sheet_by_index(0)
            return [[_as_text(cell) for cell in row] for row in sheet.iter_rows()]
    except (CalamineError, ValueError, IndexError) as error:
        raise TableUnusable(f"{file}: {error}; save it as .xlsx without a password, or as CSV in UTF-8") from None


def _as_text(cell: Any) -> str:
    """A cell as a person would write it: whole numbers without a point, dates as 1993-04-05, yes and no."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ", "seconds")
    return str(cell)
