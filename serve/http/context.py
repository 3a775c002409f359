"""Access to the application's gallery from within a request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app

from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.gallery import GalleryReader


def live() -> LiveGallery:
    """Gallery that this application serves."""
    gallery: LiveGallery = current_app.extensions["niteru"]
    return gallery


@contextmanager
def opened() -> Iterator[GalleryReader]:
    """Open the gallery for the duration of a request."""
    gallery = live().open()
    try:
        yield gallery
    finally:
        gallery.close()
