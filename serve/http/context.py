"""Access to the application's gallery from within a request."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app

from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.gallery import GalleryReader
from niteru.indexer.naming.piles import LivePiles
from niteru.serve.http.late_publication import LatePublication


def live() -> LiveGallery:
    """Gallery that this application serves."""
    gallery: LiveGallery = current_app.extensions["niteru"]
    return gallery


def piles() -> LivePiles:
    """Groups without a name in the gallery that this application serves."""
    found: LivePiles = current_app.extensions["niteru-piles"]
    return found


def late_publication() -> LatePublication:
    """Publication of what this application changes in its gallery."""
    publication: LatePublication = current_app.extensions["niteru-publication"]
    return publication


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
THROUGH_TLS = "niteru.through-tls"
"""Key in the environment of a request that came by HTTPS from the network, and not from this machine."""


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
