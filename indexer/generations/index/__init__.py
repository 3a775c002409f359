"""Search indexes of four kinds behind one contract; an index is rebuilt, never changed."""

from niteru.indexer.generations.index.annoy import AnnoyIndex
from niteru.indexer.generations.index.base import Index
from niteru.indexer.generations.index.flat import FlatIndex
from niteru.indexer.generations.index.hnsw import HnswIndex
from niteru.indexer.generations.index.ivfpq import IvfPqIndex

KINDS: dict[str, type[Index]] = {kind.kind: kind for kind in (FlatIndex, HnswIndex, IvfPqIndex, AnnoyIndex)}
AUTO = "auto"
EXACT_UP_TO = 150_000
"""Faces up to which exact search takes about ten milliseconds."""


def kind_for(choice: str, faces: int) -> type[Index]:
    """Resolve a choice of index: a kind by its name, or ``auto`` by the number of faces."""
    if choice == AUTO:
        return FlatIndex if faces <= EXACT_UP_TO else IvfPqIndex
    return KINDS[choice]


__all__ = ["AUTO", "KINDS", "AnnoyIndex", "FlatIndex", "HnswIndex", "Index", "IvfPqIndex", "kind_for"]
