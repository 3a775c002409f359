"""How alike strangers are in a gallery whose people are not known yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from niteru.engine import Vectors
from niteru.indexer.generations.tail import similarity_beyond

_SAMPLED = 4_000
"""Faces whose pairs are looked at."""
_LEAST = 12
"""Faces below which their pairs say nothing."""
_HALF, _FIFTH = 0.5, 0.2
_STRANGE = 0.3
"""Median similarity from which most pairs of photographed faces are of one person."""


@dataclass(frozen=True, slots=True)
class LikenessOfStrangers:
    """Similarities that strangers reach, by the model's own people, moved to where those of a gallery lie.

    Families, babies and drawn people are more alike than the people that a model was measured on, never less.

    Attributes:
        model: the model's own calibration, ``{share: similarity}``.
        middle: median similarity of the pairs of strangers.
        spread: width of their distribution relative to the model's.
    """

    model: Mapping[str, float]
    middle: float
    spread: float = 1.0

    @staticmethod
    def by_model(model: Mapping[str, float]) -> LikenessOfStrangers:
        """Strangers as the model knows them."""
        return LikenessOfStrangers(model, similarity_beyond(model, _HALF))

    @staticmethod
    def among(vectors: Vectors, model: Mapping[str, float], seed: int = 0) -> LikenessOfStrangers:
        """Take all pairs of a gallery's faces, or of a sample, for pairs of strangers, as most are among many people.

        The lower half of the pairs tells it: pairs of one person are in the upper one.

        Args:
            vectors: unit vectors, float32 (n, dimension).
            model: see the class.
            seed: of the sample.
        """
        usual = LikenessOfStrangers.by_model(model)
        if len(vectors) < _LEAST or not np.isfinite(usual.middle):
            return usual
        chosen = np.random.default_rng(seed).permutation(len(vectors))[:_SAMPLED]
        pairs = (vectors[chosen] @ vectors[chosen].T)[np.triu_indices(len(chosen), 1)]
        low, middle = (float(one) for one in np.quantile(pairs, [_FIFTH, _HALF]))
        width = similarity_beyond(model, _FIFTH) - usual.middle
        return LikenessOfStrangers(model, middle, min((middle - low) / width, 1.0))

    @property
    def plausible(self) -> bool:
        """Whether strangers may be so alike; else these are drawn people, or all photos are of one person or two."""
        return self.middle < _STRANGE

    def reached_by(self, share: float) -> float:
        """Similarity that a share of the pairs of strangers reaches; infinity where the model does not say."""
        by_model, usual = similarity_beyond(self.model, share), similarity_beyond(self.model, _HALF)
        return max(by_model, self.middle + self.spread * (by_model - usual)) if np.isfinite(by_model) else by_model
