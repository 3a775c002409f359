"""News since an earlier report: people who came or went, and resemblances that have become rare or common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from niteru.indexer.ask.resemblance import PersonRow, Resemblance
from niteru.serve.report.earlier import Earlier, Pair, pair_of

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
        when: the earlier time, in words.
        came: names of new people.
        went: names of people who are gone.
        risen: resemblances that have become rare, the most alike first.
        gone: pairs whose resemblance is no longer rare, those that were rarest first.
    """

    when: str
    came: list[str]
    went: list[str]
    risen: list[Risen]
    gone: list[tuple[str, str]]

    def __bool__(self) -> bool:
        """Whether anything has changed."""
        return bool(self.came or self.went or self.risen or self.gone)


def surprises(rows: list[PersonRow], earlier: Earlier, rarity: Callable[[Pair], float]) -> Surprises:
    """Compare a report with an earlier state; pairs that may be one person's are left to the suspects.

    Args:
        rows: everybody, as listed now.
        earlier: the state to compare with.
        rarity: of the resemblance of any two people now.
    """
    found = {pair_of(one.person, one.other_person): one for row in reversed(rows) for one in row.nearest}
    names = {row.person for row in rows}
    risen = [
        Risen(one, earlier.listed.get(pair))
        for pair, one in found.items()
        if one.rarity <= RARE
        and not one.same_person
        and (not pair <= earlier.people or earlier.rarity(pair) > _CLEARLY * RARE)
    ]
    gone = [
        (before, min(pair), max(pair))
        for pair, before in earlier.listed.items()
        if before <= RARE and pair <= names and rarity(pair) > _CLEARLY * RARE
    ]
    return Surprises(
        earlier.when,
        sorted(names - earlier.people),
        sorted(earlier.people - names),
        sorted(risen, key=lambda one: (-one.found.similarity, one.found.person))[:MOST],
        [(one, other) for _, one, other in sorted(gone)[:MOST]],
    )
