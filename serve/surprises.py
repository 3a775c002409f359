"""What is new: people who came or went, and resemblances that are rare now and were not, or no more."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.resemblance import PersonRow, Resemblance

RARE = 0.01
_CLEARLY = 2.0
"""Whoever is only just on the other side of the border is no news."""
MOST = 24
Pair = frozenset[str]


@dataclass(frozen=True, slots=True)
class Before:
    """How it was: when, who was there, and how rare the resemblances were that were told, by the two names."""

    when: str
    people: frozenset[str]
    rarity: dict[Pair, float]


@dataclass(frozen=True, slots=True)
class Risen:
    """A resemblance that is rare now, and how rare it was before; None if it was not told."""

    found: Resemblance
    before: float | None


@dataclass(frozen=True, slots=True)
class Surprises:
    """Since when; names that came and went; pairs that are rare now, and those that were, the most alike first."""

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
        told = [(row["person"], found) for row in said["people"] for found in row["nearest"]]
        people = frozenset(row["person"] for row in said["people"])
        rarity = {_pair(person, found["other_person"]): float(found["rarity"]) for person, found in told}
        return Before(f"the report of {said['date']}", people, rarity)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def as_before(when: str, people: Iterable[str], told: Iterable[tuple[str, str, float]]) -> Before:
    """People, and pairs of them with their rarity."""
    return Before(when, frozenset(people), {_pair(one, other): rarity for one, other, rarity in told})


def surprises(rows: list[PersonRow], before: Before) -> Surprises:
    """What was otherwise before; two names that may be one person's are told elsewhere."""
    now = {_pair(found.person, found.other_person): found for row in reversed(rows) for found in row.nearest}
    names = {row.person for row in rows}
    risen = [
        Risen(found, before.rarity.get(pair))
        for pair, found in now.items()
        if found.rarity <= RARE and not found.same_person and before.rarity.get(pair, 1.0) > _CLEARLY * RARE
    ]
    gone = [
        pair
        for pair, rarity in before.rarity.items()
        if rarity <= RARE and pair <= names and (pair not in now or now[pair].rarity > _CLEARLY * RARE)
    ]
    return Surprises(
        before.when,
        sorted(names - before.people),
        sorted(before.people - names),
        sorted(risen, key=lambda one: (-one.found.similarity, one.found.person))[:MOST],
        sorted((min(pair), max(pair)) for pair in gone)[:MOST],
    )


def _pair(one: str, other: str) -> Pair:
    return frozenset((one, other))
