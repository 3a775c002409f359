"""Return to the generation before the current one."""

from __future__ import annotations

from pathlib import Path

from niteru.indexer.catalog.connection import CatalogError
from niteru.indexer.gallery import Gallery
from niteru.indexer.storage.open import open_backend


def roll_back(address: str | Path) -> int:
    """Make the generation before the current one current again; its number.

    Args:
        address: of the gallery, see :func:`niteru.indexer.storage.open.open_backend`.

    Raises:
        CatalogError: there is no gallery, or a forgetting is to be ended first: older generations have the forgotten.
        GalleryBusy: another run holds the gallery.
        GenerationUnusable: no generation before the current one is kept, or it is damaged.
    """
    backend = open_backend(address)
    if not backend.exists():
        raise CatalogError(f"{backend.name}: there is no gallery here; niteru index FACES makes one")
    with Gallery.writing(address) as gallery:
        if gallery.catalog.erasing():
            raise CatalogError(
                f"{gallery.name}: a forgetting was interrupted, and older generations still have the forgotten: run "
                f"niteru forget --finish --gallery {gallery.name} first"
            )
        return gallery.generations.rollback()
