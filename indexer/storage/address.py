"""Default address of a gallery, and the failures of addresses that cannot be used."""

from __future__ import annotations

import os

from niteru.engine.failure import Failure

DEFAULT = "gallery"


class GalleryBusy(Failure):
    """Another run holds this gallery for writing."""


class BadAddress(Failure):
    """An address is malformed, or of a kind that holds no galleries."""


class BackendUnavailable(Failure):
    """A gallery's server does not answer, or not as expected, or its client is not installed."""


def default_address() -> str:
    """Read ``NITERU_GALLERY``; without it, ``gallery`` in the working folder."""
    return os.environ.get("NITERU_GALLERY", DEFAULT)
