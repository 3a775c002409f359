"""Canary of a generation: a few drawn faces and their vectors, to check that the model still gives the same ones.

The right model file can give other vectors all the same: with another version of the runtime, on another processor, by
another scaling of pictures. A search with such vectors goes wrong silently; the canary says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from niteru.engine import Pixels, Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.work.arrays import read_arrays

LEAST_COSINE = 0.999
"""Rounding all of the shipped network to 8 bits moved no vector of a real face further than .9986; two processors that
both run it in 8 bits differ only in how they round a small part of it."""


@dataclass(frozen=True, eq=False)
class Canary:
    """Crops, uint8 RGB (n, 112, 112, 3), and their vectors at publication, float32 (n, dimension)."""

    crops: Pixels
    vectors: Vectors

    @classmethod
    def record(cls, embedder: Embedder) -> Canary:
        """Embed one crop of each drawn person."""
        from niteru.engine.embedding.reference import (
            reference_crops,  # read from a picture: only who publishes needs it
        )

        crops, people = reference_crops()
        chosen = crops[np.unique(people, return_index=True)[1]]
        return cls(chosen, embedder.embed(chosen))

    def agreement(self, embedder: Embedder) -> float:
        """Least cosine between a recorded vector and today's; -1 where they cannot be compared."""
        # One by one, as the question that follows: making a network ready for a batch takes longer than a face.
        again = np.concatenate([embedder.embed(crop[None]) for crop in self.crops])
        if again.shape != self.vectors.shape or not np.isfinite(again).all():
            return -1.0
        return float((again * self.vectors).sum(axis=1).min())

    def save(self, file: Path | IO[bytes]) -> None:
        """Write crops and vectors as ``.npz``."""
        np.savez(file, crops=self.crops, vectors=self.vectors)

    @classmethod
    def load(cls, file: Path | IO[bytes]) -> Canary:
        """Read what :meth:`save` wrote."""
        recorded = read_arrays(file)
        return cls(recorded["crops"], recorded["vectors"])
