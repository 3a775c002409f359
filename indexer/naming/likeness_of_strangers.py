"""How alike strangers are in a gallery whose people are not known yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.indexer.generations.tail import similarity_beyond

_SAMPLED = 4_000
"""Faces whose pairs are looked at."""
_LEAST = 20
"""Faces below which their pairs say nothing."""
_HALF, _FIFTH = 0.5, 0.2
_ONE_PERSON = 1e-3
"""Share of pairs of strangers that are as alike as faces of which only one is looked at."""


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
        """Measure a gallery by the pairs of faces that do not seem to be of one person, all or a sample of them.

        The lower half of the pairs tells it: what pairs of one person are left are in the upper one.

        Args:
            vectors: unit vectors, float32 (n, dimension).
            model: see the class.
            seed: of the sample.
        """
        middle, fifth = (similarity_beyond(model, share) for share in (_HALF, _FIFTH))
        chosen = np.random.default_rng(seed).permutation(len(vectors))[:_SAMPLED]
        apart = vectors[chosen][_apart(vectors[chosen], similarity_beyond(model, _ONE_PERSON))]
        if len(apart) < _LEAST or not np.isfinite(middle):
            return LikenessOfStrangers(model, middle, 1.0)
        pairs = (apart @ apart.T)[np.triu_indices(len(apart), 1)]
        low, here = np.quantile(pairs, [_FIFTH, _HALF])
        return LikenessOfStrangers(model, float(here), float((here - low) / (fifth - middle)))

    def reached_by(self, share: float) -> float:
        """Similarity that a share of the pairs of strangers reaches; infinity where the model does not say."""
        by_model = similarity_beyond(self.model, share)
        middle = similarity_beyond(self.model, _HALF)
        return max(by_model, self.middle + self.spread * (by_model - middle)) if np.isfinite(by_model) else by_model


def _apart(vectors: Vectors, limit: float) -> NDArray[np.bool_]:
    """Which vectors, taken in turn, are less alike than the limit to all that were taken before."""
    taken = np.ones(len(vectors), np.bool_)
    for row in range(len(vectors)):
        if taken[row]:
            taken[row + 1 :] &= vectors[row + 1 :] @ vectors[row] < limit
    return taken
