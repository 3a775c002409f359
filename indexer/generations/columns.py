"""Columns of people: what a table says of them beside path and person, for showing, and for filtering by conditions."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from niteru.engine.photos.person_name import name_key
from niteru.indexer.generations.column import Column
from niteru.indexer.generations.column_summary import ColumnNotFound, ColumnSummary, ColumnValues
from niteru.indexer.generations.lives import Lives
from niteru.indexer.generations.where import Condition, condition, known_columns

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
        self._columns = {name: Column(name, by_column[name]) for name in sorted(by_column)}
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

    @cached_property
    def lives(self) -> Lives:
        """What they say of people's birth years and families."""
        return Lives(self.by_person())

    def named(self, name: str) -> str:
        """The name of a column as it is kept, by any spelling.

        Raises:
            ColumnNotFound: no column has it.
        """
        key = name_key(name)
        found = next((kept for kept in self._columns if name_key(kept) == key), None)
        if found is None:
            raise ColumnNotFound(f"there is no column {name!r}, but {known_columns(self._columns)}")
        return found

    def summaries(self, where: Sequence[str] = ()) -> list[ColumnSummary]:
        """Every column, by name, as far as it is about the people who meet all of these conditions.

        Raises:
            BadCondition: see :meth:`passing`.
        """
        people = self.passing(where) if where else None
        return [column.summary(people) for column in self._columns.values()]

    def values(self, name: str, where: Sequence[str] = ()) -> ColumnValues:
        """One column with its values, as far as it is about the people who meet all of these conditions.

        Raises:
            ColumnNotFound: see :meth:`named`.
            BadCondition: see :meth:`passing`.
        """
        return self._columns[self.named(name)].with_values(self.passing(where) if where else None)

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
