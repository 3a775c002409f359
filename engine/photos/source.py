"""The interface of files that photos are read from: local paths, and files in archives and stores."""

from __future__ import annotations

import io
from typing import Literal, NamedTuple, Protocol


class FileState(Protocol):
    """The fields of an :class:`os.stat_result` that photos need."""

    @property
    def st_mode(self) -> int:
        """Kind of the file, as :mod:`stat` reads it."""

    @property
    def st_size(self) -> int:
        """Size in bytes."""

    @property
    def st_mtime_ns(self) -> int:
        """Time of the last change in nanoseconds or, if it is unknown, a number that changes with the content."""


class ListedState(NamedTuple):
    """State of a file as the listing of an archive or a store gives it."""

    st_mode: int
    st_size: int
    st_mtime_ns: int


class PhotoSource(Protocol):
    """The part of :class:`~pathlib.Path` that photos need; can be sent to other processes, and ``str`` gives its path.

    Example:
        >>> from pathlib import Path
        >>> file: PhotoSource = Path("photos") / "Ada" / "1.jpg"
        >>> file.name, file.suffix
        ('1.jpg', '.jpg')
    """

    def __hash__(self) -> int:
        """Of the path, for what is kept about a file."""

    @property
    def name(self) -> str:
        """Last part of the path."""

    @property
    def suffix(self) -> str:
        """The suffix with its dot."""

    def stat(self) -> FileState:
        """State of the file, as far as it is known without reading it."""

    def is_file(self) -> bool:
        """Whether the file exists."""

    def read_bytes(self) -> bytes:
        """Read the whole file.

        Raises:
            OSError: the file cannot be read.
        """

    def open(self, mode: Literal["rb"]) -> io.BufferedReader | io.BytesIO:
        """Open the file for reading piece by piece.

        Raises:
            OSError: the file cannot be read.
        """


def is_remote(place: object) -> bool:
    """Whether this is an address for fsspec and not a local path."""
    return isinstance(place, str) and "://" in place
