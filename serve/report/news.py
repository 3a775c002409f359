"""News that a report tells programs and feeds: an item for each pair and person, dated by when it was first told."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from niteru.indexer.ask.how_sure import HowSure

MOST = 100
"""Items that are kept; the oldest go first."""
Kind = Literal["alike", "gone", "came", "left"]


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of news.

    Attributes:
        kind: ``alike``, two people have become rarely alike; ``gone``, they no longer are; ``came`` and ``left``, a
            person is new or no longer there.
        people: their names, one or two.
        date: when a report told it first, as ``2026-11-30``.
        rarity, how_sure: of a resemblance.
    """

    kind: Kind
    people: list[str]
    date: str
    rarity: float | None = None
    how_sure: HowSure | None = None


def with_told(new: list[Item], told: list[Item], people: set[str]) -> list[Item]:
    """Put new items before those that were told earlier, as far as these still hold.

    An item that is told again keeps its date. Earlier ones go with the people they name, and with the opposite.

    Args:
        new: of this report.
        told: of the one before.
        people: names of everybody who is compared now.
    """
    before = {(one.kind, *one.people): one for one in told}
    kept = [before.get((one.kind, *one.people), one) for one in new]
    known = {tuple(one.people) for one in kept}
    kept += [one for one in told if tuple(one.people) not in known and people.issuperset(one.people)]
    return sorted(kept, key=lambda one: one.date, reverse=True)[:MOST]


def as_dicts(news: list[Item]) -> list[dict[str, Any]]:
    """The items for ``report.json``."""
    return [asdict(one) | {"rarity": one.rarity and float(f"{one.rarity:.3g}")} for one in news]
