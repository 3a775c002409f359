"""What a photo is read from: a path of this machine, or what stands in for one where there is none."""

from __future__ import annotations

import io
from typing import Literal, NamedTuple, Protocol


class FileState(Protocol):
    """As much as is asked of an :class:`os.stat_result`."""

    @property
    def st_mode(self) -> int:
        """The kind of file."""

    @property
    def st_size(self) -> int:
        """Bytes."""

    @property
    def st_mtime_ns(self) -> int:
        """When it was changed last; or, where that is not known, a number that changes with the content."""


class ListedState(NamedTuple):
    """The state of a file as a listing had it."""

    st_mode: int
    st_size: int
    st_mtime_ns: int


class PhotoSource(Protocol):
    """As much of a :class:`~pathlib.Path` as photos need; can be sent to other processes, and its text is its name."""

    @property
    def name(self) -> str:
        """The last part."""

    @property
    def suffix(self) -> str:
        """The ending with its dot."""

    def stat(self) -> FileState:
        """Its state, as far as it is known without reading it."""

    def is_file(self) -> bool:
        """Whether there is such a file."""

    def read_bytes(self) -> bytes:
        """All of it.

        Raises:
            OSError: it cannot be read.
        """

    def open(self, mode: Literal["rb"]) -> io.BufferedReader | io.BytesIO:
        """To read it piece by piece.

        Raises:
            OSError: it cannot be read.
        """
