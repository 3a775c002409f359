"""The address of a gallery, and what can be wrong there."""

from __future__ import annotations

import os

from niteru.engine.failure import Failure

DEFAULT = "gallery"


class GalleryBusy(Failure):
    """Another run is writing to this gallery."""


class BadAddress(Failure):
    """No gallery can be at such an address."""


class BackendUnavailable(Failure):
    """Nobody answers at the address of a gallery, or not as expected."""


def default_address() -> str:
    """``NITERU_GALLERY``, or ``gallery`` in the working folder."""
    return os.environ.get("NITERU_GALLERY", DEFAULT)
