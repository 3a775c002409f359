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
_LEAST = 12
"""Faces below which their pairs say nothing."""
_HALF, _FIFTH = 0.5, 0.2
_LOWEST = 0.02
"""Share of the pairs, the least alike, that are of strangers even where most faces are one person's."""
_DEPTH = 2.44
"""How far below the median that share of a normal distribution ends, by how far above it a fifth begins."""
_RAREST = 1e-5
"""Share beyond which no similarity is looked up: it was never measured, and few pairs of one person are so alike."""
_HIGHEST = 3e-7
"""Share whose similarity no gallery moves another beyond, or drawn people would fall apart."""
_ONE_PERSON = 1e-3
"""Share of pairs of strangers that are as alike as faces of which only one is looked at."""


@dataclass(frozen=True, slots=True)
class LikenessOfStrangers:
    """Similarities that strangers reach, by the model's own people, moved to where those of a gallery lie.

    Families, babies and drawn people are more alike than the people that a model was measured on, never less.

    Attributes:
        model: the model's own calibration, ``{share: similarity}``.
        middle: median similarity of the pairs of strangers.
        spread: width of their distribution relative to the model's.
        certain: whether there are strangers among the faces by whom it was measured; else all are of one person or two,
            or of people who are more alike than any that were photographed.
    """

    model: Mapping[str, float]
    middle: float
    spread: float = 1.0
    certain: bool = True

    @staticmethod
    def by_model(model: Mapping[str, float]) -> LikenessOfStrangers:
        """Strangers as the model knows them."""
        return LikenessOfStrangers(model, similarity_beyond(model, _HALF))

    @staticmethod
    def among(vectors: Vectors, model: Mapping[str, float], seed: int = 0) -> LikenessOfStrangers:
        """Measure a gallery by the pairs of faces that do not seem to be of one person, all or a sample of them.

        The lower half of the pairs tells it: what pairs of one person are left are in the upper one. Where too few
        faces are left, all are compared, which is not certain; if most of them are one person's, the very lowest
        similarities tell it, with the model's own width.

        Args:
            vectors: unit vectors, float32 (n, dimension).
            model: see the class.
            seed: of the sample.
        """
        usual = LikenessOfStrangers.by_model(model)
        if len(vectors) < _LEAST or not np.isfinite(usual.middle):
            return usual
        chosen = vectors[np.random.default_rng(seed).permutation(len(vectors))[:_SAMPLED]]
        apart = chosen[_apart(chosen, similarity_beyond(model, _ONE_PERSON))]
        certain = len(apart) >= _LEAST
        some = apart if certain else chosen
        pairs = (some @ some.T)[np.triu_indices(len(some), 1)]
        lowest, low, middle = (float(one) for one in np.quantile(pairs, [_LOWEST, _FIFTH, _HALF]))
        width = similarity_beyond(model, _FIFTH) - usual.middle
        deep = lowest + _DEPTH * width
        if not certain and deep < middle:
            return LikenessOfStrangers(model, deep, 1.0, certain)
        return LikenessOfStrangers(model, middle, min((middle - low) / width, 1.0), certain)

    def reached_by(self, share: float) -> float:
        """Similarity that a share of the pairs of strangers reaches; infinity where the model does not say."""
        shares = max(share, _RAREST), _HALF, _HIGHEST
        by_model, usual, highest = (similarity_beyond(self.model, one) for one in shares)
        here = self.middle + self.spread * (by_model - usual)
        return max(by_model, min(here, highest)) if np.isfinite(by_model) else by_model


def _apart(vectors: Vectors, limit: float) -> NDArray[np.bool_]:
    """Which vectors, taken in turn from the oddest on, are less alike than the limit to all that were taken before."""
    taken, left = np.zeros(len(vectors), np.bool_), np.argsort(vectors @ vectors.sum(axis=0), kind="stable")
    while len(left):
        taken[left[0]] = True
        left = left[1:][vectors[left[1:]] @ vectors[left[0]] < limit]
    return taken
