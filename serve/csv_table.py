"""Tables as CSV for spreadsheets: text is quoted, and no cell is run as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

from niteru.indexer.generations.columns import PersonColumns

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_csv(out: IO[str], columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a table.

    Args:
        out: opened without translation of line ends.
        columns: names of those to write, in order.
        rows: a value for each.
    """
    # Text is quoted, so that a spreadsheet that splits at semicolons does not split names.
    table = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    table.writerow(_cell(column) for column in columns)
    table.writerows([_cell(row[column]) for column in columns] for row in rows)


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


def _cell(value: Any) -> Any:
    """Value as CSV text: yes or no, empty for None, and names so that no spreadsheet runs them as a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
