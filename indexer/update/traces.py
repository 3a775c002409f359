"""Search for traces of erased vectors and crops in a gallery's files, byte by byte."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from pathlib import Path

_SAMPLE = 32
"""Bytes that identify a vector: two vectors do not share eight numbers by chance."""


class Traces:
    """Bytes that must be gone.

    Args:
        vectors: the bytes of each; a part of them counts as a trace.
        pictures: the bytes of each; only the whole counts, for flat areas of any two compressed pictures are alike.
        texts: the bytes of each; only the whole counts.

    Attributes:
        unreadable: files that could not be searched.
    """

    def __init__(self, vectors: Iterable[bytes], pictures: Iterable[bytes], texts: Iterable[bytes] = ()) -> None:
        self._needles = {sample for vector in vectors for sample in _samples(vector)} | {*pictures, *texts}
        self.unreadable: list[Path] = []

    def left_in(self, files: Iterable[Path]) -> list[Path]:
        """The files that contain a trace; those that vanish meanwhile contain none."""
        return [file for file in files if self._in(file)]

    def _in(self, file: Path) -> bool:
        try:
            with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return any(data.find(needle) >= 0 for needle in self._needles)
        except (FileNotFoundError, ValueError):  # gone, or empty
            return False
        except OSError:
            self.unreadable.append(file)
            return False


def _samples(vector: bytes) -> Iterator[bytes]:
    """Samples from beginning, middle and end, for a database may have kept a part of a vector."""
    for start in (0, len(vector) // 2, len(vector) - _SAMPLE):
        yield vector[start : start + _SAMPLE]
