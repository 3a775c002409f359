"""Birth years and families of people, as the columns with the usual names have them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from niteru.engine.photos.person_name import name_key
from niteru.engine.photos.tables.usual_columns import Meaning, birth_year, meaning_of


class Lives:
    """When people were born, and who is whose relative.

    Args:
        columns: values by column, by id of the person.

    Attributes:
        born: birth years by id, where they are known.
        disputed: the different birth years of the others of whom several are said.
        families: keys of the families that people belong to, by id.

    Example:
        >>> lives = Lives({1: {"born": ["1815"], "family": ["Byron"]}, 2: {"family": ["Byron", "Milbanke"]}})
        >>> lives.born, lives.related(1, 2), lives.relatives(2)
        ({1: 1815}, True, {1})
    """

    def __init__(self, columns: Mapping[int, Mapping[str, list[str]]]) -> None:
        self.born, self.disputed = dict[int, int](), dict[int, list[int]]()
        self.families, self._members = dict[int, frozenset[str]](), defaultdict[str, set[int]](set)
        for person, said in columns.items():
            meant = defaultdict[Meaning | None, list[str]](list)
            for column, values in said.items():
                meant[meaning_of(column)] += values
            years = sorted({year for text in meant[Meaning.BORN] if (year := birth_year(text))})
            if len(years) == 1:
                self.born[person] = years[0]
            elif years:
                self.disputed[person] = years
            families = frozenset(map(name_key, meant[Meaning.FAMILY]))
            if families:
                self.families[person] = families
            for family in families:
                self._members[family].add(person)

    def related(self, one: int | None, other: int | None) -> bool:
        """Whether two different people, by ids, belong to one family."""
        mine, theirs = (self.families.get(person or 0, frozenset()) for person in (one, other))
        return one != other and not mine.isdisjoint(theirs)

    def relatives(self, person: int | None) -> set[int]:
        """Ids of the people who belong to a family with somebody, without that person."""
        found = set[int]().union(*(self._members[family] for family in self.families.get(person or 0, ())))
        return found - {person or 0}
