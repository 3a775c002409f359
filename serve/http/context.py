"""Access to the application's gallery from within a request."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

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


CONNECTION = "niteru.connection"
"""Key of the client's socket in a request's environment."""


def client_is_there(environment: dict[str, Any]) -> Callable[[], bool]:
    """Question whether the client of a request still waits: it has closed nothing of its connection.

    A test's client without a connection always does.
    """
    connection: socket.socket | None = environment.get(CONNECTION)

    def is_there() -> bool:
        if connection is None:
            return True
        try:
            return bool(connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            return True  # silent, as clients are that wait
        except OSError:
            return False

    return is_there
