"""What can be wrong at the address of a gallery."""

from __future__ import annotations


class GalleryBusy(Exception):
    """Another run is writing to this gallery."""


class BadPlace(Exception):
    """No gallery can be at such an address."""


class HouseClosed(Exception):
    """Nobody answers at the address of a gallery, or not as expected."""
