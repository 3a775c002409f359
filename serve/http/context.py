"""What a request needs of the application."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app

from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.gallery import GalleryReader


def live() -> LiveGallery:
    """The gallery this application serves."""
    held: LiveGallery = current_app.extensions["niteru"]
    return held


@contextmanager
def opened() -> Iterator[GalleryReader]:
    """The gallery for the time of a request."""
    gallery = live().open()
    try:
        yield gallery
    finally:
        gallery.close()
