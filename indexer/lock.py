"""One writer a gallery."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


class GalleryBusy(Exception):
    """Another run is writing to this gallery."""


@contextmanager
def gallery_lock(folder: Path) -> Iterator[None]:
    """Hold a gallery for writing.

    Raises:
        GalleryBusy: another run holds it.
    """
    lock = FileLock(folder / "index.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise GalleryBusy(f"{folder}: another niteru index is at work here; wait for it to end") from None
    try:
        yield
    finally:
        lock.release()
