"""Tables of a report as CSV, and ``report.json`` (docs/report.md).

Rows are in a fixed order and numbers are rounded, so that two reports of one gallery are equal and reports of different
days can be compared line by line. The same tables are written as Parquet where pyarrow is installed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from niteru.indexer.ask.how_sure import rarity_as_dict
from niteru.indexer.ask.resemblance import PersonRow, Resemblance
from niteru.indexer.ask.suspects import Suspect
from niteru.serve.csv_table import headings, said, write_csv
from niteru.serve.report.face_map import FaceMap

_PAIR: dict[str, type] = {
    "person": str,
    "rank": int,
    "other_person": str,
    "similarity": float,
    "rarity": float,
    "rarity_from": float,
    "rarity_to": float,
    "how_sure": str,
    "mutual": bool,
    "same_person": bool,
    "related": bool,
    "photo": str,
    "other_photo": str,
}
_COLUMNS: dict[str, dict[str, type]] = {
    "pairs": _PAIR,
    "relatives": _PAIR,
    "people": {
        "person": str,
        "faces": int,
        "hubness": float,
        "nearest_person": str,
        "similarity": float,
        "rarity": float,
    },
    "suspects": {
        "kind": str,
        "person": str,
        "photo": str,
        "other_person": str,
        "other_photo": str,
        "similarity": float,
        "rarity": float,
        "score": float,
    },
    "families": {"family": int, "person": str},
    "map": {"person": str, "column": int, "line": int},
}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Whole:
    """What a report says beyond single people.

    Attributes:
        suspects: labels and photos to check.
        families: names of the people in each family of resemblance.
        map: where people are on the map; None without one.
    """

    suspects: list[Suspect]
    families: list[list[str]]
    map: FaceMap | None


def write_tables(folder: Path, rows: list[PersonRow], whole: Whole | None, overview: dict[str, Any]) -> None:
    """Write all tables.

    Args:
        folder: of the report.
        rows: everybody.
        whole: what is said beyond single people; None to leave those tables out.
        overview: facts about the report as a whole, for ``report.json``.
    """
    people = [_person(row) for row in rows]
    _write(folder, "pairs", _ranked(people, "nearest"))
    if any(row["relatives"] for row in people):
        _write(folder, "relatives", _ranked(people, "relatives"))
    under = headings(sorted({name for row in rows for name in row.columns}), _COLUMNS["people"])
    _write(folder, "people", (_flat(row) | said(row["columns"], under) for row in people), under.values())
    document = {**overview, "people": people}
    for name, table in _tables_of(whole).items() if whole else ():
        _write(folder, name, table)
        document[name] = table
    with (folder / "report.json").open("w", encoding="utf-8") as out:
        json.dump(document, out, ensure_ascii=False, indent=1)
        out.write("\n")


def _tables_of(whole: Whole) -> dict[str, list[Row]]:
    """Rows of the tables beyond single people, by the tables' names."""
    numbered = enumerate(whole.families, start=1)
    tables = {
        "suspects": [_suspect(one) for one in whole.suspects],
        "families": [{"family": number, "person": name} for number, names in numbered for name in names],
    }
    if whole.map is not None:
        tables["map"] = [{"person": one.name, "column": one.column, "line": one.line} for one in whole.map.places]
    return tables


def _ranked(people: list[Row], which: str) -> Iterator[Row]:
    """Rows of a table of pairs."""
    for row in people:
        for rank, pair in enumerate(row[which], start=1):
            yield {"person": row["person"], "rank": rank, **pair}


def _pair(found: Resemblance) -> Row:
    return {
        "other_person": found.other_person,
        "similarity": _round(found.similarity),
        **rarity_as_dict(found.rarity, found.likely),
        "mutual": found.mutual,
        "same_person": found.same_person,
        "related": found.related,
        "photo": found.face.photo,
        "other_photo": found.other.photo,
    }


def _person(row: PersonRow) -> Row:
    nearest = [_pair(found) for found in row.nearest]
    return {
        "person": row.person,
        "columns": row.columns,
        "faces": row.faces,
        "hubness": _round(row.hubness),
        "nearest": nearest,
        "relatives": [_pair(found) for found in row.relatives],
    }


def _flat(person: Row) -> Row:
    """Row of the table of people: the nearest person, if any, instead of the list."""
    first: Row = next(iter(person["nearest"]), {})
    nearest = {"nearest_person": first.get("other_person")} | {key: first.get(key) for key in ("similarity", "rarity")}
    return {key: person[key] for key in ("person", "faces", "hubness")} | nearest


def _suspect(one: Suspect) -> Row:
    numbers = {"similarity": _round(one.similarity), "rarity": _short(one.rarity), "score": _round(one.score)}
    return {column: numbers.get(column, getattr(one, column)) for column in _COLUMNS["suspects"]}


def _round(number: float) -> float:
    return round(number, 4)


def _short(share: float) -> float:
    return float(f"{share:.3g}")


def _write(folder: Path, name: str, rows: Iterable[Row], further: Iterable[str] = ()) -> None:
    columns, rows = {**_COLUMNS[name], **dict.fromkeys(further, str)}, list(rows)
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as out:
        write_csv(out, list(columns), rows)
    _write_parquet(folder / f"{name}.parquet", columns, rows)


def _write_parquet(file: Path, columns: dict[str, type], rows: list[Row]) -> None:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        return
    kinds = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64(), bool: pyarrow.bool_()}
    schema = pyarrow.schema([(column, kinds[kind]) for column, kind in columns.items()])
    parquet.write_table(pyarrow.Table.from_pylist(rows, schema), file)
