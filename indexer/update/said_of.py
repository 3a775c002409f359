"""What was said of the forgotten and of nobody else: texts that no file of the gallery may contain any more."""

from __future__ import annotations

import json
from collections.abc import Iterable

from niteru.engine.photos.person_name import name_key
from niteru.engine.photos.tables.photo_table import values_in_cell
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.lives.columns_of_people import facts_of_people

_LEAST_BYTES = 8
"""Bytes from which a text is not found in a vector or a picture by chance."""
_AT_ONCE = 10_000
_TEXTS = {
    "meta": ("value",),
    "wishes": ("at",),
    "people": ("name",),
    "photos": ("ref",),
    "photo_columns": ("pairs",),
    "claims": ("name",),
    "verdicts": ("person", "before"),
    "renamings": ("old", "new"),
    "facts": ("person", "value"),
    "history": ("at", "person"),
    "events": ("at", "detail"),
}


def values_of(catalog: Catalog, refs: Iterable[str], people: Iterable[str]) -> set[str]:
    """What the catalogue's file contains of the forgotten beside their names.

    These are the values in the columns of their photos, names claimed in these, and what was told of them by hand.
    """
    columns, photos, told = catalog.queries.columns_of_photos(), list(refs), facts_of_people(catalog)
    values = {value for ref in photos for _, value in columns.get(ref, ())}
    values |= {
        value for name in people for cell in told.get(name_key(name), {}).values() for value in values_in_cell(cell)
    }
    return {json.dumps(value, ensure_ascii=False)[1:-1] for value in values} | catalog.claims.in_photos(photos)


def said_of_nobody(catalog: Catalog, values: Iterable[str]) -> list[bytes]:
    """Those values that no text of the catalogue contains any more, if they are long enough to be searched for."""
    gone = {value for value in values if len(value.encode()) >= _LEAST_BYTES}
    for table, columns in _TEXTS.items() if gone else ():
        for rows in catalog.tables.rows(table, _AT_ONCE):
            text = "\n".join(str(row[column]) for row in rows for column in columns)
            gone = {value for value in gone if value not in text}
    return sorted(value.encode() for value in gone)
