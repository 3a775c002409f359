"""The report for programs: ``pairs.csv``, ``people.csv``, ``suspects.csv`` and ``report.json`` (docs/report.md).

Rows are in a fixed order and numbers are rounded, so that two reports of one gallery are equal and two of different
days compare line by line.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from indexer.resemblance import PersonRow, Resemblance
from indexer.suspects import Suspect

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
SUSPECT_COLUMNS = ("kind", "person", "photo", "other_person", "other_photo", "similarity", "rarity", "score")


def write_tables(folder: Path, rows: list[PersonRow], suspects: list[Suspect] | None, said: dict[str, Any]) -> None:
    """Write them all; no suspects where the report is not for the owner's eyes.

    Args:
        folder: of the report.
        rows: everybody.
        suspects: what is suspect; None to leave it out.
        said: what ``report.json`` says of the whole.
    """
    pairs = [(row, rank, found) for row in rows for rank, found in enumerate(row.nearest, start=1)]
    _write(
        folder / "pairs.csv",
        ("person", "rank", "other_person", "similarity", "rarity", "mutual", "same_person", "photo", "other_photo"),
        ([row.person, rank, *_pair(found).values()] for row, rank, found in pairs),
    )
    _write(
        folder / "people.csv",
        ("person", "faces", "crowding", "nearest_person", "similarity", "rarity"),
        ([row.person, row.faces, _round(row.crowding), *_nearest(row)] for row in rows),
    )
    document = {**said, "people": [_person(row) for row in rows]}
    if suspects is not None:
        _write(folder / "suspects.csv", SUSPECT_COLUMNS, (_suspect(one).values() for one in suspects))
        document["suspects"] = [_suspect(one) for one in suspects]
    text = json.dumps(document, ensure_ascii=False, indent=1)
    (folder / "report.json").write_text(text + "\n", encoding="utf-8")


def _pair(found: Resemblance) -> dict[str, Any]:
    return {
        "other_person": found.other_person,
        "similarity": _round(found.similarity),
        "rarity": _short(found.rarity),
        "mutual": found.mutual,
        "same_person": found.same_person,
        "photo": found.face.photo,
        "other_photo": found.other.photo,
    }


def _person(row: PersonRow) -> dict[str, Any]:
    nearest = [_pair(found) for found in row.nearest]
    return {"person": row.person, "faces": row.faces, "crowding": _round(row.crowding), "nearest": nearest}


def _nearest(row: PersonRow) -> list[Any]:
    if not row.nearest:
        return ["", "", ""]
    first = row.nearest[0]
    return [first.other_person, _round(first.similarity), _short(first.rarity)]


def _suspect(one: Suspect) -> dict[str, Any]:
    numbers = {"similarity": _round(one.similarity), "rarity": _short(one.rarity), "score": _round(one.score)}
    return {column: numbers.get(column, getattr(one, column)) for column in SUSPECT_COLUMNS}


def _round(number: float) -> float:
    return round(number, 4)


def _short(share: float) -> float:
    return float(f"{share:.3g}")


def _write(file: Path, columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as out:
        # Words in quotation marks: a spreadsheet that splits at semicolons splits none of them.
        table = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
        table.writerow(columns)
        table.writerows([_cell(cell) for cell in row] for row in rows)


def _cell(value: Any) -> Any:
    """A name that a spreadsheet will not run as a formula; yes or no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
