"""One column of people: its values, whose they are, and who meets a condition on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from niteru.engine.photos.person_name import name_key
from niteru.indexer.generations.column_summary import ColumnSummary, ColumnValues, Range, Value
from niteru.indexer.generations.quantities import Quantity, quantity
from niteru.indexer.generations.where import BadCondition, Condition


class Column:
    """One column.

    Args:
        name: of the column.
        people: ids of the people with each value.
    """

    def __init__(self, name: str, people: dict[str, set[int]]) -> None:
        self._name, self._values = name, sorted(people)
        sizes = [len(people[value]) for value in self._values]
        ids = np.fromiter((person for value in self._values for person in sorted(people[value])), np.int64, sum(sizes))
        which = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        order = np.argsort(ids, kind="stable")
        self._people, self._which = ids[order], which[order]

    def of(self, person: int) -> list[str]:
        """Values of a person, sorted."""
        first, end = np.searchsorted(self._people, (person, person + 1))
        return [self._values[value] for value in self._which[first:end]]

    def facts(self) -> Iterator[tuple[int, str]]:
        """Ids of people with a value of theirs, sorted by both."""
        return zip(self._people.tolist(), (self._values[value] for value in self._which), strict=True)

    def as_dict(self) -> dict[str, list[int]]:
        """Ids of the people with each value."""
        order = np.argsort(self._which, kind="stable")
        parts = np.split(self._people[order], np.searchsorted(self._which[order], np.arange(1, len(self._values))))
        return {value: part.tolist() for value, part in zip(self._values, parts, strict=True)}

    def summary(self, people: NDArray[np.int64] | None = None) -> ColumnSummary:
        """What the column says of some people, by ids, or of all."""
        which, count = self._about(people)
        there = np.flatnonzero(np.bincount(which, minlength=len(self._values)))
        first, last, _ = self._quantities
        ordered = there[~np.isnan(first[there])]
        ends = (ordered[np.argmin(first[ordered])], ordered[np.argmax(last[ordered])]) if len(ordered) else None
        found = Range(*(self._values[end] for end in ends)) if ends else None
        return ColumnSummary(self._name, count, len(there), len(there) - len(ordered), found)

    def with_values(self, people: NDArray[np.int64] | None = None) -> ColumnValues:
        """The same with all values, the most frequent first."""
        counts = np.bincount(self._about(people)[0], minlength=len(self._values))
        order = [value for value in np.argsort(-counts, kind="stable").tolist() if counts[value]]
        values = [Value(self._values[value], int(counts[value])) for value in order]
        found = self.summary(people)
        return ColumnValues(found.column, found.people, found.distinct, found.words, found.range, values)

    def _about(self, people: NDArray[np.int64] | None) -> tuple[NDArray[np.int32], int]:
        """Numbers of the values of some people, a person's each once, and how many of these people have one."""
        kept = slice(None) if people is None else np.isin(self._people, people)
        return self._which[kept], len(np.unique(self._people[kept]))

    def meeting(self, wanted: Condition) -> NDArray[np.int64]:
        """Ids of the people who meet a condition on this column, ascending.

        Raises:
            BadCondition: it is a range, and no value here is a number or a date.
        """
        met = np.zeros(len(self._values), bool)
        met[self._numbers.get(name_key(wanted.value), [])] = True
        if wanted.compares:
            first, last, dated = self._quantities
            if wanted.is_range and np.isnan(first).all() and not met.any():
                raise BadCondition(
                    f"{self._name!r} has no numbers and no dates to take a range of, but words such as "
                    f"{self._values[0]!r}: write {self._name}:VALUE"
                )
            # What is no quantity is nan, and lies in no range.
            met |= ~np.isnan(first) & _not_before(wanted.low, first) & _not_after(wanted.high, last, dated)
        return np.unique(self._people[met[self._which]])

    @cached_property
    def _numbers(self) -> dict[str, list[int]]:
        """Numbers of the values by their key, for values that differ in their capitals alone are alike."""
        numbers = defaultdict[str, list[int]](list)
        for number, value in enumerate(self._values):
            numbers[name_key(value)].append(number)
        return dict(numbers)

    @cached_property
    def _quantities(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        """First, last and whether it is a date, of each value; nan for one that is no quantity."""
        nothing = Quantity(np.nan, np.nan)
        found = [quantity(value) or nothing for value in self._values]
        first, last = np.array([one.first for one in found]), np.array([one.last for one in found])
        return first, last, np.array([one.dated for one in found], bool)


def _not_before(low: Quantity | None, first: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.ones(len(first), bool) if low is None else first >= low.first


def _not_after(high: Quantity | None, last: NDArray[np.float64], dated: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.ones(len(last), bool) if high is None else last <= np.where(dated, high.end, high.last)
