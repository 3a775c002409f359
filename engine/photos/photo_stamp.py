"""Has a file changed? Its size and time of change answer, as they do for rsync."""

from __future__ import annotations

from typing import NamedTuple, Self

from niteru.engine.photos.source import PhotoSource


class PhotoStamp(NamedTuple):
    """What a file system says of a file without reading it; of a file in a store, the mark that its listing gives.

    Attributes:
        size: in bytes; -1 for a file that could not be asked.
        mtime_ns: time of the last change, in nanoseconds.
    """

    size: int = -1
    mtime_ns: int = -1

    @classmethod
    def of(cls, file: PhotoSource) -> Self:
        """The stamp of a file now.

        Raises:
            OSError: the file cannot be asked.
        """
        stat = file.stat()
        return cls(stat.st_size, stat.st_mtime_ns)


def stamp_of(file: PhotoSource) -> PhotoStamp | None:
    """The stamp of a file now; None if it cannot be asked, which whoever reads it will find, too."""
    try:
        return PhotoStamp.of(file)
    except OSError:
        return None
