"""Search indexes: disposable build products behind one contract."""

from indexer.index.annoy import AnnoyIndex
from indexer.index.base import Index
from indexer.index.flat import FlatIndex
from indexer.index.hnsw import HnswIndex
from indexer.index.ivfpq import IvfPqIndex

KINDS: dict[str, type[Index]] = {kind.kind: kind for kind in (FlatIndex, HnswIndex, IvfPqIndex, AnnoyIndex)}

__all__ = ["KINDS", "AnnoyIndex", "FlatIndex", "HnswIndex", "Index", "IvfPqIndex"]
