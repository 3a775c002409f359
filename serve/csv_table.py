"""Tables as CSV for spreadsheets: text is quoted, and no cell is run as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from niteru.indexer.generations.columns import PersonColumns

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class CsvWriter:
    """Writer of a table.

    Args:
        out: opened without translation of line ends.
        columns: names of those to write, in order.
    """

    def __init__(self, out: IO[str], columns: Sequence[str]) -> None:
        # Text is quoted, so that a spreadsheet that splits at semicolons does not split names.
        self._table, self._columns = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC), columns
        self._table.writerow(_cell(column) for column in columns)

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows, with a value for each column."""
        self._table.writerows([_cell(row[column]) for column in self._columns] for row in rows)


def write_csv(out: IO[str], columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a whole table, see :class:`CsvWriter`."""
    CsvWriter(out, columns).add(rows)


def read_csv(file: Path) -> list[dict[str, str]]:
    """Rows of a table that :func:`write_csv` wrote, with text as it was; none where there is no such file."""
    try:
        with file.open(newline="", encoding="utf-8") as rows:
            return [{column: _text(cell) for column, cell in row.items()} for row in csv.DictReader(rows)]
    except FileNotFoundError:
        return []


def headings(columns: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """Names under which the columns of people stand beside a table's own, which may have the same name.

    Example:
        >>> headings(["agency", "Rarity"], ["person", "rarity"])
        {'agency': 'agency', 'Rarity': 'Rarity (table)'}
    """
    own = {name.casefold() for name in taken}
    return {name: f"{name} (table)" if name.casefold() in own else name for name in columns}


def said(columns: PersonColumns, under: Mapping[str, str]) -> dict[str, str]:
    """What is said of a person, a cell for each of the :func:`headings`; several values as tables have them."""
    return {heading: "; ".join(columns.get(name, ())) for name, heading in under.items()}


def _text(cell: str) -> str:
    """What a cell was before it was kept from being run as a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _cell(value: Any) -> Any:
    """Value as CSV text: yes or no, empty for None, and names so that no spreadsheet runs them as a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
