"""Search indexes: disposable build products behind one contract."""

from niteru.indexer.generations.index.annoy import AnnoyIndex
from niteru.indexer.generations.index.base import Index
from niteru.indexer.generations.index.flat import FlatIndex
from niteru.indexer.generations.index.hnsw import HnswIndex
from niteru.indexer.generations.index.ivfpq import IvfPqIndex

KINDS: dict[str, type[Index]] = {kind.kind: kind for kind in (FlatIndex, HnswIndex, IvfPqIndex, AnnoyIndex)}
AUTO = "auto"
EXACT_UP_TO = 150_000
"""Faces that exact search answers for in about ten milliseconds."""


def kind_for(choice: str, faces: int) -> type[Index]:
    """The kind of index that is built: the one that was chosen, or by size."""
    if choice == AUTO:
        return FlatIndex if faces <= EXACT_UP_TO else IvfPqIndex
    return KINDS[choice]


__all__ = ["AUTO", "KINDS", "AnnoyIndex", "FlatIndex", "HnswIndex", "Index", "IvfPqIndex", "kind_for"]
