"""What is new since the last report in the same folder: people who came or went, and resemblances nobody had."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.resemblance import PersonRow, Resemblance

RARE = 0.01
MOST = 24


@dataclass(frozen=True, slots=True)
class Surprises:
    """Since the report of a date: names that came and went, and rare pairs of people who were nobody's news before."""

    date: str
    came: list[str]
    went: list[str]
    risen: list[Resemblance]

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.came or self.went or self.risen)


def last_report(folder: Path) -> dict[str, Any] | None:
    """What the report in a folder says; None if there is none that can be compared with."""
    try:
        said = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        return said if said["version"] == 1 and not said["anonymous"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def surprises(rows: list[PersonRow], last: dict[str, Any] | None, asked: dict[str, Any]) -> Surprises | None:
    """What the last report did not say, if it was asked for the same."""
    if last is None or last.get("asked") != asked:
        return None
    before = {row["person"]: {found["other_person"] for found in row["nearest"]} for row in last["people"]}
    now = {row.person for row in rows}
    risen: dict[frozenset[str], Resemblance] = {}
    for row in rows:
        for found in row.nearest[:1]:
            one, other = found.person, found.other_person
            known = other in before.get(one, ()) or one in before.get(other, ())
            if found.rarity <= RARE and not found.same_person and not known:
                risen.setdefault(frozenset((one, other)), found)
    most = sorted(risen.values(), key=lambda found: -found.similarity)[:MOST]
    return Surprises(str(last["date"]), sorted(now - set(before)), sorted(set(before) - now), most)
