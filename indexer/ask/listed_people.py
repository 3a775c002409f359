"""List of the people of a gallery, or of those who meet conditions, with what tables say of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from niteru.engine.photos.person_name import group_number
from niteru.indexer.generations.columns import Columns, PersonColumns


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """A person: name, number of faces, and values by column."""

    person: str
    faces: int
    columns: PersonColumns


def named_people(everybody: Iterable[tuple[int, str, int]]) -> list[tuple[int, str, int]]:
    """Those of people and groups who are people: groups of faces that nobody has named are none."""
    return [one for one in everybody if group_number(one[1]) is None]


def listed_people(
    people: Iterable[tuple[int, str, int]], columns: Columns, where: Sequence[str] = ()
) -> list[ListedPerson]:
    """List people in the order given.

    Args:
        people: id, name and number of faces of each.
        columns: of the same people.
        where: conditions that those listed meet, see :mod:`niteru.indexer.generations.where`.

    Raises:
        BadCondition: one of them names no column, or a range that is none.
    """
    passing = set(columns.passing(where).tolist()) if where else None
    said = columns.by_person()
    return [
        ListedPerson(name, faces, said.get(person, {}))
        for person, name, faces in people
        if passing is None or person in passing
    ]
