"""A few drawn faces and their vectors, kept with a generation: has the machine that asks the same eyes?

A model file can be the right one and still answer otherwise: another version of the runtime, another processor, other
scaling of pictures. Such vectors are silently wrong against an index; the canary is loud.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from niteru.engine import Pixels, Vectors
from niteru.engine.embedding.embedder import (
    Embedder,
)
from niteru.engine.embedding.reference import reference_crops

LEAST_COSINE = 0.999
"""Rounding all of the shipped network to 8 bits moved no vector of a real face further than .9986; two processors that
both run it so round a small part of it otherwise."""


@dataclass(frozen=True, eq=False)
class Canary:
    """Crops, uint8 RGB (n, 112, 112, 3), and the vectors they had, float32 (n, dimension)."""

    crops: Pixels
    vectors: Vectors

    @classmethod
    def record(cls, embedder: Embedder) -> Canary:
        """One crop of each drawn person, with the vectors of today."""
        crops, people = reference_crops()
        chosen = crops[np.unique(people, return_index=True)[1]]
        return cls(chosen, embedder.embed(chosen))

    def agreement(self, embedder: Embedder) -> float:
        """Least cosine of a vector with the one that is kept."""
        again = embedder.embed(self.crops)
        if again.shape != self.vectors.shape or not np.isfinite(again).all():
            return -1.0
        return float((again * self.vectors).sum(axis=1).min())

    def save(self, file: Path | IO[bytes]) -> None:
        """Write as ``.npz``."""
        np.savez(file, crops=self.crops, vectors=self.vectors)

    @classmethod
    def load(cls, file: Path | IO[bytes]) -> Canary:
        """Read what :meth:`save` wrote."""
        with np.load(file) as kept:
            return cls(kept["crops"], kept["vectors"])
