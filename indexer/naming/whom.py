"""Whom people mean when they name somebody: a person, a group by its number, or single faces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from niteru.engine.photos.person_name import group_name, group_number, tidy_name
from niteru.indexer.ask.not_found import FaceNotFound, PersonNotFound, perhaps_meant
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.queries import CatalogQueries

FACE = "face:"
"""Beginning of what names a single face."""


@dataclass(frozen=True, slots=True)
class Meant:
    """Those who are meant.

    Attributes:
        people: names of whole people, as they are kept.
        groups: names of whole groups.
        faces: ids of single faces.
    """

    people: list[str]
    groups: list[str]
    faces: list[int]

    def all_faces(self, queries: CatalogQueries) -> list[int]:
        """Ids of all faces of those who are meant."""
        theirs = [face.id for name in self.people for face in queries.faces_of_person(name)]
        return sorted({*theirs, *self.faces_without_people(queries)})

    def faces_without_people(self, queries: CatalogQueries) -> list[int]:
        """Ids of the faces of groups, and of single ones."""
        theirs = [face.id for name in self.groups for face in queries.faces_of_person(name)]
        return sorted({*theirs, *self.faces})


def whom(catalog: Catalog, who: Iterable[str]) -> Meant:
    """Find those who are meant by names, numbers of groups (``12`` or ``unnamed 12``), and ids of faces (``face:7``).

    Raises:
        PersonNotFound, FaceNotFound: one of them is nobody here.
    """
    meant, queries = Meant([], [], []), catalog.queries
    for one in who:
        number = one.removeprefix(FACE)
        if number != one:
            meant.faces.append(_face(queries, number, one))
            continue
        asked = tidy_name(one)
        group = group_name(int(asked)) if is_number(asked) else asked
        name = queries.known_name(asked) or queries.known_name(group)
        if name is None or not queries.faces_of_person(name):
            raise PersonNotFound(f"nobody here is {one!r}{_hint(catalog, asked, group)}")
        (meant.people if group_number(name) is None else meant.groups).append(name)
    return meant


def is_number(text: str) -> bool:
    """Whether a text may be the number of a group or a face."""
    # One with more digits is no id that SQLite's integers can hold.
    return text.isascii() and text.isdecimal() and len(text) < 18


def _hint(catalog: Catalog, asked: str, group: str) -> str:
    """Who was perhaps meant."""
    named = catalog.verdicts.given_to(group) if group_number(group) is not None else None
    if named is not None:
        return f": {group} is called {named} now"
    names = (name for _, name, _ in catalog.queries.people())
    return perhaps_meant(asked, names, "; niteru people and niteru groups list all")


def _face(queries: CatalogQueries, number: str, asked: str) -> int:
    face = int(number) if is_number(number) else -1
    if face not in queries.faces([face]):
        raise FaceNotFound(f"there is no {asked}: niteru groups --json lists the ids of faces")
    return face
