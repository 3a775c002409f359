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

        The lower half of the pairs tells it: pairs of one person, however many, are in the upper one.

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
        low, here = np.quantile(pairs, [_FIFTH, _HALF])
        return LikenessOfStrangers(model, float(here), float((here - low) / (fifth - middle)))

    def reached_by(self, share: float) -> float:
        """Similarity that a share of the pairs of strangers reaches; infinity where the model does not say."""
        by_model = similarity_beyond(self.model, share)
        middle = similarity_beyond(self.model, _HALF)
        return max(by_model, self.middle + self.spread * (by_model - middle)) if np.isfinite(by_model) else by_model
