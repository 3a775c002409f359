"""How alike strangers are in a gallery whose people are not known yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from niteru.engine import Vectors
from niteru.indexer.generations.tail import similarity_beyond

_SAMPLED = 4_000
"""Faces whose pairs are looked at."""
_LEAST = 20
"""Faces below which their pairs say nothing."""
_HALF, _FIFTH = 0.5, 0.2
_LOWEST = 0.02
"""Share of the pairs, the least alike, that are of strangers even where most faces are one person's."""
_DEPTH = 2.44
"""How far below the median that share of a normal distribution ends, by how far above it a fifth begins."""
_RAREST = 1e-5
"""Share beyond which no similarity is looked up: it was never measured, and few pairs of one person are so alike."""
_HIGHEST = 3e-7
"""Share whose similarity no gallery moves another beyond: one person alone looks like people who are alike."""


@dataclass(frozen=True, slots=True)
class LikenessOfStrangers:
    """Similarities that strangers reach, by the model's own people, moved to where those of a gallery lie.

    Families, babies and drawn people are more alike than the people that a model was measured on, never less.

    Attributes:
        model: the model's own calibration, ``{share: similarity}``.
        middle: median similarity of the gallery's pairs.
        spread: width of the gallery's distribution relative to the model's.
    """

    model: Mapping[str, float]
    middle: float
    spread: float

    @staticmethod
    def of(vectors: Vectors, model: Mapping[str, float], seed: int = 0) -> LikenessOfStrangers:
        """Measure a gallery by all pairs of its faces, or of a sample of them.

        The lower half of the pairs tells it, for pairs of one person are in the upper one. Where those are more than
        half, the very lowest tell it, with the model's own width.

        Args:
            vectors: unit vectors, float32 (n, dimension).
            model: see the class.
            seed: of the sample.
        """
        middle, fifth = (similarity_beyond(model, share) for share in (_HALF, _FIFTH))
        if len(vectors) < _LEAST or not np.isfinite(middle):
            return LikenessOfStrangers(model, middle, 1.0)
        chosen = np.random.default_rng(seed).permutation(len(vectors))[:_SAMPLED]
        pairs = (vectors[chosen] @ vectors[chosen].T)[np.triu_indices(len(chosen), 1)]
        lowest, low, half = np.quantile(pairs, [_LOWEST, _FIFTH, _HALF])
        deep = lowest + _DEPTH * (fifth - middle)
        if deep < half:
            return LikenessOfStrangers(model, float(deep), 1.0)
        return LikenessOfStrangers(model, float(half), float((half - low) / (fifth - middle)))

    def reached_by(self, share: float) -> float:
        """Similarity that a share of the pairs of strangers reaches; infinity where the model does not say."""
        by_model = similarity_beyond(self.model, max(share, _RAREST))
        here = self.middle + self.spread * (by_model - similarity_beyond(self.model, _HALF))
        return max(by_model, min(here, similarity_beyond(self.model, _HIGHEST))) if np.isfinite(by_model) else by_model
