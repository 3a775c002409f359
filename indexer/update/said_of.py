"""What was said of the forgotten and of nobody else: texts that no file of the gallery may contain any more."""

from __future__ import annotations

import json
from collections.abc import Iterable

from niteru.indexer.catalog.catalog import Catalog

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
    "events": ("at", "detail"),
}


def values_of(catalog: Catalog, refs: Iterable[str]) -> set[str]:
    """Values in the columns of these photos, and names claimed in them, as the catalogue's file contains them."""
    columns, photos = catalog.queries.columns_of_photos(), list(refs)
    values = {value for ref in photos for _, value in columns.get(ref, ())}
    return {json.dumps(value, ensure_ascii=False)[1:-1] for value in values} | catalog.claims.in_photos(photos)


def said_of_nobody(catalog: Catalog, values: Iterable[str]) -> list[bytes]:
    """Those values that no text of the catalogue contains any more, if they are long enough to be searched for."""
    gone = {value for value in values if len(value.encode()) >= _LEAST_BYTES}
    for table, columns in _TEXTS.items() if gone else ():
        for rows in catalog.tables.rows(table, _AT_ONCE):
            text = "\n".join(str(row[column]) for row in rows for column in columns)
            gone = {value for value in gone if value not in text}
    return sorted(value.encode() for value in gone)
