"""File of vectors, which every kind of index compares by: it is written in blocks and mapped, never all in memory.

It is FAISS's own file of an exact index, so that FAISS searches in it, and NumPy reads the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from niteru.engine import Vectors
from niteru.indexer.generations.index.faiss_library import faiss

_ROWS_AT = 8
"""Where the header has the number of rows; at its end it has that of all numbers."""
BLOCK = 65_536
"""Rows that are read or written at once."""


def write_vectors(file: Path, count: int, dimension: int, blocks: Iterable[Vectors]) -> None:
    """Write vectors in the order in which they come.

    Args:
        file: to write.
        count: of all vectors.
        dimension: of each.
        blocks: float32 (b, dimension), together (count, dimension).

    Raises:
        OSError: the disk is full, or cannot be written.
        ValueError: there are more or fewer vectors than were announced.
    """
    written = 0
    with file.open("wb") as data:
        data.write(_header(count, dimension))
        for block in blocks:
            written += len(block)
            data.write(np.ascontiguousarray(block, "<f4").data)
    if written != count:
        raise ValueError(f"{count} vectors were announced and {written} came")


def map_vectors(file: Path) -> Vectors:
    """The vectors of a file, float32 (n, dimension), mapped rather than read.

    Raises:
        OSError, ValueError: the file is missing, or none of vectors.
    """
    with file.open("rb") as data:
        dimension = int(np.frombuffer(data.read(_ROWS_AT)[4:], "<i4")[0])
        count = int(np.frombuffer(data.read(8), "<i8")[0])
    if dimension < 1 or count < 1 or file.stat().st_size != _BEGIN + 4 * count * dimension:
        raise ValueError(f"{file} has not the size that it says")
    return np.memmap(file, np.float32, "r", _BEGIN, (count, dimension))


def exact_over(vectors: Vectors) -> Any:
    """FAISS's exact index over vectors: over their file where they are mapped, or over a copy in memory."""
    if isinstance(vectors, np.memmap) and vectors.offset == _BEGIN and vectors.flags.c_contiguous:
        mapped = faiss.read_index(str(vectors.filename), faiss.IO_FLAG_MMAP_IFC)
        if (mapped.ntotal, mapped.d) == vectors.shape:
            return mapped
    exact = faiss.IndexFlatIP(vectors.shape[1])
    exact.add(np.ascontiguousarray(vectors, np.float32))
    return exact


def in_blocks(vectors: Vectors) -> Iterator[Vectors]:
    """The rows in blocks, each aligned in memory, which those of a file are not."""
    return (np.array(vectors[start : start + BLOCK], np.float32) for start in range(0, len(vectors), BLOCK))


def _header(count: int, dimension: int) -> bytes:
    """What FAISS writes before the vectors."""
    one = faiss.IndexFlatIP(dimension)
    one.add(np.zeros((1, dimension), np.float32))
    header = bytearray(faiss.serialize_index(one).tobytes()[: -4 * dimension])
    header[_ROWS_AT : _ROWS_AT + 8] = count.to_bytes(8, "little")
    header[-8:] = (count * dimension).to_bytes(8, "little")
    return bytes(header)


_BEGIN = len(_header(1, 1))
"""Where the first vector begins in a file."""
