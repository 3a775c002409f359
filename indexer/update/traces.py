"""Is anything left of vectors and crops in the files of a gallery? Looked for byte by byte."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from pathlib import Path

_SAMPLE = 32
"""Bytes that stand for a vector: eight numbers are not the same in two vectors by chance."""


class Traces:
    """What must be gone.

    Args:
        vectors: the bytes of each; parts of them count.
        pictures: the bytes of each; only wholes count, since flat areas look alike in any two compressed pictures.
    """

    def __init__(self, vectors: Iterable[bytes], pictures: Iterable[bytes]) -> None:
        self._needles = {sample for vector in vectors for sample in _samples(vector)} | set(pictures)

    def left_in(self, files: Iterable[Path]) -> list[Path]:
        """The files that still hold some of it; those that vanish meanwhile hold nothing."""
        return [file for file in files if self._in(file)]

    def _in(self, file: Path) -> bool:
        try:
            with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return any(data.find(needle) >= 0 for needle in self._needles)
        except (FileNotFoundError, ValueError):  # gone, or empty
            return False


def _samples(vector: bytes) -> Iterator[bytes]:
    """From its beginning, middle and end: a database may have kept a part of it."""
    for start in (0, len(vector) // 2, len(vector) - _SAMPLE):
        yield vector[start : start + _SAMPLE]
