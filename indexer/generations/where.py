"""Conditions on the columns of people: ``agency:Elite``, ``born:1990..2000``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from niteru.engine.failure import Failure
from niteru.engine.photos.person_name import name_key, tidy_name
from niteru.indexer.generations.quantities import Quantity, quantity


class BadCondition(Failure):
    """A condition names no column, or a range that is none."""

    slug = "bad-parameter"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on one column.

    Attributes:
        column: its name, as it is kept.
        value: what one of a person's values must be, compared like names: without regard to capitals.
        low, high: ends of a range, or None where it is open; both are None for a single value that is no quantity.
    """

    column: str
    value: str
    low: Quantity | None = None
    high: Quantity | None = None

    @property
    def compares(self) -> bool:
        """Whether quantities are compared, and not text alone."""
        return self.low is not None or self.high is not None

    @property
    def is_range(self) -> bool:
        """Whether it has two ends, one of which may be open."""
        return self.compares and self.low is not self.high


def condition(text: str, columns: Collection[str]) -> Condition:
    """Read a condition.

    Args:
        text: ``COLUMN:VALUE`` or ``COLUMN:LOW..HIGH``, whose ends belong to the range; one of them may be left out.
        columns: names of the columns that there are.

    Raises:
        BadCondition: there is no such column, or the range has an end that is neither a number nor a date, or none.

    Example:
        >>> condition("Born:1990..", ["agency", "born"]).low
        Quantity(first=1990.0, last=1990.0, dated=False)
    """
    shown, key = tidy_name(text), name_key(text)
    # The longest name first, for a column may be called "size" and another "size: shoe".
    column = next(
        (name for name in sorted(columns, key=len, reverse=True) if key.startswith(f"{name_key(name)}:")), None
    )
    if column is None:
        known = known_columns(columns)
        raise BadCondition(f"{shown!r} is no condition: write COLUMN:VALUE or COLUMN:LOW..HIGH, with {known}")
    value = shown.split(":", column.count(":") + 1)[-1].strip()
    if not value:
        raise BadCondition(f"{shown!r} names no value: write {column}:VALUE or {column}:LOW..HIGH")
    if ".." not in value:
        single = quantity(value)
        return Condition(column, value, single, single)
    low, high = (_end(shown, part) for part in value.split("..", 1))
    if low is None and high is None:
        raise BadCondition(f"{shown!r} is no range: it needs at least one end, such as {column}:1990..")
    if low is not None and high is not None and low.first > max(high.last, high.end if low.dated else high.last):
        raise BadCondition(f"{shown!r} is no range: its first end lies behind the last")
    return Condition(column, value, low, high)


def _end(shown: str, text: str) -> Quantity | None:
    text = text.strip()
    found = quantity(text) if text else None
    if text and found is None:
        raise BadCondition(f"{shown!r} is no range: {text!r} is neither a number nor a date such as 1993-04-05")
    return found


def known_columns(columns: Collection[str]) -> str:
    """The columns that there are, in words, for an error."""
    names = sorted(columns)
    if not names:
        return "the columns of a table (this gallery has none: niteru index TABLE brings them)"
    shown = ", ".join(names[:12])
    return f"one of the columns {shown}{f' and {len(names) - 12} more' if len(names) > 12 else ''}"
