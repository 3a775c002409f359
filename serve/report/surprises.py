"""What is new: people who came or went, and resemblances that are rare now and were not, or no more."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from niteru.indexer.ask.resemblance import PersonRow, Resemblance

RARE = 0.01
_CLEARLY = 2.0
"""Whoever is only just on the other side of the border is no news."""
MOST = 24
Pair = frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """How it was.

    Attributes:
        when: in words.
        people: who was there.
        told: how rare the resemblances were that were told, by the two names.
        untold: how rare those of other two were at most.
    """

    when: str
    people: frozenset[str]
    told: dict[Pair, float]
    untold: Callable[[Pair], float]

    def rarity(self, pair: Pair) -> float:
        """How rare the resemblance of two was, at most."""
        return self.told[pair] if pair in self.told else self.untold(pair)


@dataclass(frozen=True, slots=True)
class Risen:
    """A resemblance that is rare now, and how rare it was before; None if it was not told."""

    found: Resemblance
    before: float | None


@dataclass(frozen=True, slots=True)
class Surprises:
    """Since when; names that came and went; pairs that are rare now, and that were, the most alike first."""

    when: str
    came: list[str]
    went: list[str]
    risen: list[Risen]
    gone: list[tuple[str, str]]

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.came or self.went or self.risen or self.gone)


def last_report(folder: Path, asked: dict[str, Any]) -> Before | None:
    """What the report in a folder says; None if there is none, or one that was asked for something else."""
    try:
        said = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        if said["version"] != 1 or said["anonymous"] or said.get("asked") != asked:
            return None
        told, least = dict[Pair, float](), dict[str, float]()
        for row in said["people"]:
            rarities = [float(found["rarity"]) for found in row["nearest"]]
            told |= {
                pair_of(row["person"], found["other_person"]): rarity
                for found, rarity in zip(row["nearest"], rarities, strict=True)
            }
            # Whoever is not in a full list is as common as its last, or more.
            least[row["person"]] = rarities[-1] if len(rarities) == asked["k"] else asked["max_rarity"]
        return Before(
            f"the report of {said['date']}",
            frozenset(least),
            told,
            lambda pair: max((least[name] for name in pair if name in least), default=1.0),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def surprises(rows: list[PersonRow], before: Before, now: Callable[[Pair], float]) -> Surprises:
    """What was otherwise before; two names that may be one person's are told elsewhere.

    Args:
        rows: everybody, as told now.
        before: as it was.
        now: how rare the resemblance of any two is now.
    """
    found = {pair_of(one.person, one.other_person): one for row in reversed(rows) for one in row.nearest}
    names = {row.person for row in rows}
    risen = [
        Risen(one, before.told.get(pair))
        for pair, one in found.items()
        if one.rarity <= RARE
        and not one.same_person
        and (not pair <= before.people or before.rarity(pair) > _CLEARLY * RARE)
    ]
    gone = [
        (rarity, min(pair), max(pair))
        for pair, rarity in before.told.items()
        if rarity <= RARE and pair <= names and now(pair) > _CLEARLY * RARE
    ]
    return Surprises(
        before.when,
        sorted(names - before.people),
        sorted(before.people - names),
        sorted(risen, key=lambda one: (-one.found.similarity, one.found.person))[:MOST],
        [(one, other) for _, one, other in sorted(gone)[:MOST]],
    )


def pair_of(one: str, other: str) -> Pair:
    """Two names in no order."""
    return frozenset((one, other))
