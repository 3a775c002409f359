"""Size and time of modification, by which a changed file is recognised, as rsync does."""

from __future__ import annotations

from typing import NamedTuple, Self

from niteru.engine.photos.source import PhotoSource

_MOST_NS = 2**63 - 1


class PhotoStamp(NamedTuple):
    """State of a file that is known without reading it; for a file in a store, from the store's listing.

    Attributes:
        size: size in bytes; -1 if the file's state is unknown.
        mtime_ns: time of the last change in nanoseconds, or a number that changes with a store's file.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> file = Path(mkdtemp()) / "1.jpg"
        >>> file.write_bytes(b"123")
        3
        >>> before = PhotoStamp.of(file)
        >>> before.size, PhotoStamp.of(file) == before
        (3, True)
        >>> file.write_bytes(b"1234")
        4
        >>> PhotoStamp.of(file) == before
        False
    """

    size: int = -1
    mtime_ns: int = -1

    @classmethod
    def of(cls, file: PhotoSource) -> Self:
        """Take the stamp of a file as it is now.

        Raises:
            OSError: the file's state cannot be read.
        """
        stat = file.stat()
        # A dead camera battery or a bad archive gives times that no database can hold.
        return cls(stat.st_size, max(-_MOST_NS, min(stat.st_mtime_ns, _MOST_NS)))


def stamp_of(file: PhotoSource) -> PhotoStamp | None:
    """Take the stamp of a file as it is now; None if that fails, as reading the file will, too."""
    try:
        return PhotoStamp.of(file)
    except OSError:
        return None
