"""Tables of a report as CSV, and ``report.json`` (docs/report.md).

Rows are in a fixed order and numbers are rounded, so that two reports of one gallery are equal and reports of different
days can be compared line by line. The same tables are written as Parquet where pyarrow is installed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from niteru.indexer.ask.how_sure import rarity_as_dict
from niteru.indexer.ask.resemblance import PersonRow, Resemblance
from niteru.indexer.ask.suspects import Suspect
from niteru.serve.csv_table import headings, said
from niteru.serve.report.face_map import FaceMap
from niteru.serve.report.report_json import ReportJson
from niteru.serve.report.table import Table

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
_PERSON: dict[str, type] = {
    "person": str,
    "faces": int,
    "hubness": float,
    "nearest_person": str,
    "similarity": float,
    "rarity": float,
}
_COLUMNS: dict[str, dict[str, type]] = {
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


def write_tables(
    folder: Path, rows: Iterable[PersonRow], columns: Iterable[str], whole: Whole | None, overview: dict[str, Any]
) -> None:
    """Write all tables, a person at a time.

    Args:
        folder: of the report.
        rows: everybody.
        columns: names of what tables say of them.
        whole: what is said beyond single people; None to leave those tables out.
        overview: facts about the report as a whole, for ``report.json``.
    """
    under = headings(columns, _PERSON)
    with contextlib.ExitStack() as opened:

        def table(name: str, columns: dict[str, type]) -> Table:
            return opened.enter_context(Table.opened(folder, name, columns))

        document = opened.enter_context(ReportJson(folder, overview))
        pairs, people = table("pairs", _PAIR), table("people", _PERSON | dict.fromkeys(under.values(), str))
        relatives: Table | None = None
        for row in rows:
            near, kin = ([_pair(found) for found in some] for some in (row.nearest, row.relatives))
            document.add(_person(row), nearest=near, relatives=kin)
            people.add([_flat(row, near) | said(row.columns, under)])
            pairs.add(_ranked(row.person, near))
            if kin:
                relatives = relatives or table("relatives", _PAIR)
                relatives.add(_ranked(row.person, kin))
        further = _tables_of(whole) if whole else {}
        document.end(further)
        for name, found in further.items():
            table(name, _COLUMNS[name]).add(found)


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


def _ranked(person: str, pairs: list[Row]) -> Iterator[Row]:
    """Rows of a table of pairs."""
    return ({"person": person, "rank": rank, **pair} for rank, pair in enumerate(pairs, start=1))


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
    return {"person": row.person, "columns": row.columns, "faces": row.faces, "hubness": _round(row.hubness)}


def _flat(row: PersonRow, pairs: list[Row]) -> Row:
    """Row of the table of people: the nearest person, if any, instead of the list."""
    first: Row = next(iter(pairs), {})
    nearest = {"nearest_person": first.get("other_person")} | {key: first.get(key) for key in ("similarity", "rarity")}
    return {"person": row.person, "faces": row.faces, "hubness": _round(row.hubness), **nearest}


def _suspect(one: Suspect) -> Row:
    numbers = {"similarity": _round(one.similarity), "rarity": _short(one.rarity), "score": _round(one.score)}
    return {column: numbers.get(column, getattr(one, column)) for column in _COLUMNS["suspects"]}


def _round(number: float) -> float:
    return round(number, 4)


def _short(share: float) -> float:
    return float(f"{share:.3g}")
