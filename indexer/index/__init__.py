"""Search indexes: disposable build products behind one contract."""

from indexer.index.base import Index
from indexer.index.flat import FlatIndex

KINDS: dict[str, type[Index]] = {FlatIndex.kind: FlatIndex}

__all__ = ["KINDS", "FlatIndex", "Index"]
