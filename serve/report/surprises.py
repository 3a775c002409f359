"""News since an earlier report: people who came or went, and resemblances that have become rare or common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from niteru.indexer.ask.resemblance import PersonRow, Resemblance
from niteru.serve.report.earlier import Earlier, Pair, pair_of
from niteru.serve.report.news import Item

RARE = 0.01
_CLEARLY = 2.0
"""Factor by which a resemblance must have been more common than ``RARE`` for its change to be news."""
MOST = 24


@dataclass(frozen=True, slots=True)
class Risen:
    """Resemblance that is rare now, with its rarity before; None if it was not listed."""

    found: Resemblance
    before: float | None


@dataclass(frozen=True, slots=True)
class Surprises:
    """What has changed.

    Attributes:
        since: the date of the earlier report, as ``2026-11-30``, or the number of the older generation.
        came: names of new people.
        went: names of people who are gone.
        risen: resemblances that have become rare, the most alike first.
        gone: pairs whose resemblance is no longer rare, those that were rarest first.
    """

    since: str | int
    came: list[str]
    went: list[str]
    risen: list[Risen]
    gone: list[tuple[str, str]]

    def __bool__(self) -> bool:
        """Whether anything has changed."""
        return bool(self.came or self.went or self.risen or self.gone)

    def items(self, date: str) -> list[Item]:
        """What is told of it on a date, as ``2026-11-30``: pairs first, then people."""
        alike = [
            Item("alike", sorted((found.person, found.other_person)), date, found.rarity, found.likely.how_sure)
            for found in (one.found for one in self.risen)
        ]
        gone = [Item("gone", sorted(pair), date) for pair in self.gone]
        return [
            *alike,
            *gone,
            *(Item("came", [name], date) for name in self.came),
            *(Item("left", [name], date) for name in self.went),
        ]


def surprises(rows: Iterable[PersonRow], earlier: Earlier, rarity: Callable[[Pair], float]) -> Surprises:
    """Compare a report with an earlier state; pairs that may be one person's are left to the suspects.

    Args:
        rows: everybody, as listed now.
        earlier: the state to compare with.
        rarity: of the resemblance of any two people now.
    """
    names, found = set[str](), dict[Pair, Resemblance]()
    for row in rows:
        names.add(row.person)
        for one in row.nearest:
            pair = pair_of(one.person, one.other_person)
            if (
                one.rarity <= RARE
                and not one.same_person
                and (not pair <= earlier.people or earlier.rarity(pair) > _CLEARLY * RARE)
            ):
                found.setdefault(pair, one)
    risen = sorted(found.items(), key=lambda one: (-one[1].similarity, one[1].person))[:MOST]
    gone = [
        (before, min(pair), max(pair))
        for pair, before in earlier.listed.items()
        if before <= RARE and pair <= names and rarity(pair) > _CLEARLY * RARE
    ]
    return Surprises(
        earlier.since,
        sorted(names - earlier.people),
        sorted(earlier.people - names),
        [Risen(one, earlier.listed.get(pair)) for pair, one in risen],
        [(one, other) for _, one, other in sorted(gone)[:MOST]],
    )
