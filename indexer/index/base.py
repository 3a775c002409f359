"""What every kind of index promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.embedder import Vectors


class Index(ABC):
    """Nearest rows by cosine over unit vectors; bigger is more alike."""

    kind: ClassVar[str]

    @classmethod
    @abstractmethod
    def build(cls, vectors: Vectors) -> Index:
        """An index over float32 unit vectors, shape (n, dimension)."""

    @classmethod
    @abstractmethod
    def load(cls, file: Path) -> Index:
        """Open a saved index, mapped into memory rather than read."""

    @abstractmethod
    def save(self, file: Path) -> None:
        """Write the index to one file."""

    @abstractmethod
    def search(
        self, queries: Vectors, k: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The nearest rows, the most alike first.

        Args:
            queries: float32 unit vectors, shape (q, dimension).
            k: how many rows; all allowed rows if there are fewer.
            allowed: which rows may be answered, bool (n,); all of them if None.

        Returns:
            Similarities, float32 (q, k'), and rows, int64 (q, k'), with k' = min(k, allowed rows).
        """

    @abstractmethod
    def vectors(self, rows: NDArray[np.int64]) -> Vectors:
        """The vectors of some rows, float32 (n, dimension), as exactly as the index keeps them."""

    @abstractmethod
    def __len__(self) -> int:
        """Number of rows."""
