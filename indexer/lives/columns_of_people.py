"""Columns of people: what tables say of them, and what was said by hand instead."""

from __future__ import annotations

from collections.abc import Iterator

from niteru.engine.photos.person_name import name_key
from niteru.engine.photos.tables.photo_table import values_in_cell
from niteru.engine.photos.tables.usual_columns import Meaning, meaning_of
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.generations.columns import Columns
from niteru.indexer.naming.name_book import NameBook

_OF_THE_PERSON = (Meaning.BORN, Meaning.FAMILY)
"""What a table's row says of its person alone, and not of others whom the photo shows."""


def columns_of_people(catalog: Catalog) -> Columns:
    """The columns of everybody with a face, as an answer tells them.

    A birth year or a family that was said by hand stands under the name that the table has for it.
    """
    by_hand = facts_of_people(catalog)
    people = catalog.queries.people() if by_hand else []
    said = {person: by_hand[key] for person, name, _ in people if (key := name_key(name)) in by_hand}
    return Columns([*_of_tables(catalog, said), *_by_hand(catalog, said)])


def facts_of_people(catalog: Catalog) -> dict[str, dict[Meaning, str]]:
    """What was said last of each person by hand, by the key of the name that they have today."""
    facts, found = catalog.facts.all(), dict[str, dict[Meaning, str]]()
    if not facts:
        return found
    book = NameBook(catalog)
    for fact in facts:
        found.setdefault(name_key(book.today(fact.person, fact.step)), {})[fact.meaning] = fact.value
    return found


def _of_tables(catalog: Catalog, by_hand: dict[int, dict[Meaning, str]]) -> Iterator[tuple[int, str, str]]:
    rows = list(catalog.queries.columns_of_people())
    if not rows:
        return
    book = NameBook(catalog)
    for person, name, folder, pairs in rows:
        own = not folder or name_key(book.today(folder)) == name_key(name)
        for column, value in pairs:
            meaning = meaning_of(column)
            if meaning not in _OF_THE_PERSON or (own and meaning not in by_hand.get(person, {})):
                yield person, column, value


def _by_hand(catalog: Catalog, by_hand: dict[int, dict[Meaning, str]]) -> Iterator[tuple[int, str, str]]:
    if not by_hand:
        return
    columns = {meaning: meaning.value for meaning in _OF_THE_PERSON}
    for pairs in reversed(sorted(set(catalog.queries.columns_of_photos().values()))):
        columns |= {meaning: name for name, _ in pairs if (meaning := meaning_of(name)) in _OF_THE_PERSON}
    for person, said in by_hand.items():
        for meaning, value in said.items():
            for one in values_in_cell(value):
                yield person, columns[meaning], one
