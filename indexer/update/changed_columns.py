"""Columns of known photos that a table has changed: taken up without reading the photos again."""

from __future__ import annotations

from collections.abc import Mapping

from niteru.engine.photos.faces_folder import LabelledPhoto
from niteru.indexer.catalog.catalog import Catalog


def changed_columns(catalog: Catalog, photos: Mapping[str, LabelledPhoto]) -> list[str]:
    """Refs of those photos in the catalogue of which it says something else than the listing.

    Args:
        catalog: to compare with.
        photos: as they are listed, by ref.
    """
    said, known = catalog.queries.columns_of_photos(), catalog.queries.refs()
    return [ref for ref, photo in photos.items() if ref in known and said.get(ref, ()) != photo.columns]
