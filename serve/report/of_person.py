"""What a report says of one person: who belongs to the same family of resemblance, and what is to be checked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from niteru.serve.csv_table import read_csv
from niteru.serve.report.page import SHOWN_PEOPLE


@dataclass(frozen=True, slots=True)
class ToCheck:
    """A label or photo to check, see :class:`niteru.indexer.ask.suspects.Suspect`."""

    kind: str
    person: str
    photo: str
    other_person: str
    other_photo: str


@dataclass(frozen=True, slots=True)
class OfPerson:
    """What a report says of a person.

    Attributes:
        row: anchor of the person's row on its page; None if there is none.
        place: anchor of the place on its map.
        family: names of everybody in the family of resemblance, the most typical first; empty without one.
        checks: labels and photos to check, the most suspect of each kind first.
    """

    row: str | None = None
    place: str | None = None
    family: list[str] = field(default_factory=list)
    checks: list[ToCheck] = field(default_factory=list)


def of_person(folder: Path, name: str) -> OfPerson:
    """Look a person up in the report in a folder."""
    try:
        written = (folder / "report.json").stat().st_mtime_ns
    except OSError:
        return OfPerson()
    return _read(folder, written).get(name, OfPerson())


@lru_cache(maxsize=1)
def _read(folder: Path, _written: int) -> dict[str, OfPerson]:
    """What the tables of a report say, by person."""
    mapped = {row["person"] for row in read_csv(folder / "map.csv")}
    families, members = {}, defaultdict(list)
    for row in read_csv(folder / "families.csv"):
        families[row["person"]] = row["family"]
        members[row["family"]].append(row["person"])
    checks = defaultdict(list)
    for row in read_csv(folder / "suspects.csv"):
        found = ToCheck(*(row[key] for key in ("kind", "person", "photo", "other_person", "other_photo")))
        for person in dict.fromkeys((found.person, found.other_person)):
            checks[person].append(found)
    people = (row["person"] for row in read_csv(folder / "people.csv"))
    return {
        person: OfPerson(
            f"p{row}" if row < SHOWN_PEOPLE else None,
            f"m{row}" if person in mapped else None,
            members[families[person]] if person in families else [],
            checks[person],
        )
        for row, person in enumerate(people)
    }
