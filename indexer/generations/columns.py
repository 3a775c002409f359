"""Columns of people: what a table says of them beside path and person, for showing, and for filtering by conditions."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from niteru.engine.photos.person_name import name_key
from niteru.indexer.generations.quantities import Quantity, quantity
from niteru.indexer.generations.where import BadCondition, Condition, condition

_REMEMBERED = 64
"""Filters whose people are remembered: a service is asked with the same ones again and again."""
PersonColumns = dict[str, list[str]]
"""Sorted values of a person by column."""


class Columns:
    """Values of all people, by column; a person has the values of all of their photos.

    Args:
        facts: id of a person, name of a column, and a value; repetitions count once.

    Example:
        >>> columns = Columns([(1, "born", "1993"), (2, "born", "1987"), (2, "agency", "Elite")])
        >>> columns.of(2)
        {'agency': ['Elite'], 'born': ['1987']}
        >>> columns.passing(["born:1990..2000"])
        array([1])
    """

    def __init__(self, facts: Iterable[tuple[int, str, str]] = ()) -> None:
        by_column = defaultdict[str, dict[str, set[int]]](lambda: defaultdict(set))
        for person, name, value in facts:
            by_column[name][value].add(person)
        self._columns = {name: _Column(name, by_column[name]) for name in sorted(by_column)}
        self._remembered = lru_cache(_REMEMBERED)(self._passing)

    @property
    def names(self) -> list[str]:
        """Names of all columns, sorted."""
        return list(self._columns)

    def of(self, person: int) -> PersonColumns:
        """The values of a person, by id; empty for one of whom the table says nothing."""
        return {name: values for name, column in self._columns.items() if (values := column.of(person))}

    def by_person(self) -> dict[int, PersonColumns]:
        """The values of all people, by id."""
        found = defaultdict[int, PersonColumns](dict)
        for name, column in self._columns.items():
            for person, value in column.facts():
                found[person].setdefault(name, []).append(value)
        return dict(found)

    def passing(self, where: Sequence[str]) -> NDArray[np.int64]:
        """Ids of the people who meet all of these conditions, ascending; each by any of their values.

        Raises:
            BadCondition: see :func:`niteru.indexer.generations.where.condition`; or a range over a column of words.
        """
        return self._remembered(tuple(where))

    def _passing(self, where: tuple[str, ...]) -> NDArray[np.int64]:
        met = (self._meeting(condition(text, self._columns)) for text in where)
        people = next(met)
        for others in met:
            people = np.intersect1d(people, others, assume_unique=True)
        return people

    def _meeting(self, wanted: Condition) -> NDArray[np.int64]:
        return self._columns[wanted.column].meeting(wanted)

    def as_json(self) -> str:
        """All values and whose they are, for storing: ``{column: {value: [person, …]}}``."""
        return json.dumps({name: column.as_dict() for name, column in self._columns.items()}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Columns:
        """The columns that were stored."""
        stored = json.loads(text)
        return cls(
            (int(person), name, value)
            for name, values in stored.items()
            for value, people in values.items()
            for person in people
        )

    @cached_property
    def digest(self) -> str:
        """Digest of all values and whose they are; empty without any."""
        return hashlib.sha256(self.as_json().encode()).hexdigest() if self._columns else ""


class _Column:
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
