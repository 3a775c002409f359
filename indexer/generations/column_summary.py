"""Summary of a column: how many people it says something of, its values, and the range of its numbers or dates."""

from __future__ import annotations

from dataclasses import dataclass

from niteru.engine.failure import Failure


class ColumnNotFound(Failure):
    """No column of the tables has this name."""


@dataclass(frozen=True, slots=True)
class Range:
    """The smallest and the largest number or date of a column, as they are written there."""

    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Value:
    """A value, and the number of people who have it."""

    value: str
    people: int


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """What a column says of some people.

    Attributes:
        column: its name.
        people: number of those it says something of.
        distinct: number of its different values.
        words: number of the different values that are neither a number nor a date.
        range: of those that are; None where there are none.
    """

    column: str
    people: int
    distinct: int
    words: int
    range: Range | None


@dataclass(frozen=True, slots=True)
class ColumnValues(ColumnSummary):
    """The same with all values, the most frequent first."""

    values: list[Value]
