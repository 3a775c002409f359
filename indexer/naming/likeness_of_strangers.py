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
_RAREST = 1e-5
"""Share beyond which no similarity is looked up: it was never measured, and few pairs of one person are so alike."""
_HIGHEST = 3e-7
"""Share whose similarity no gallery moves another beyond, or drawn people would fall apart."""
_LOWEST = 0.02
"""Share of the pairs, the least alike, that are of strangers even where most faces are one person's."""
_DEPTH = 2.44
"""How far below the median that share of a normal distribution ends, by how far above it a fifth begins."""
_NEARLY, _FARTHER, _MOSTLY = 0.8, 0.7, 0.35
"""How near a third face is, or how far, and for which share of the faces: of many people with a few photos each it was
.39 to .92, of a hundred photos of one person and more .1 at most."""
_SINGLE = 0.15
"""Share of faces apart from which on they may be of many people with one photo each; of one person few are odd."""
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
        certain: whether the model says so, or faces that do not seem to be of one person; else all pairs of a gallery
            do, which may be of one person or two, or of people who are more alike than any that were photographed.
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
    def among(vectors: Vectors, model: Mapping[str, float], seed: int = 0) -> tuple[LikenessOfStrangers, ...]:
        """Measure a gallery by its pairs of faces, all of them or those of a sample.

        Faces that do not seem to be of one person tell how alike strangers are, if there are enough of them. Where all
        pairs together say something else, so many people may be alike that the few who are not tell nothing of the
        others. Where one person has most of the photos, strangers are as the model knows them.

        Args:
            vectors: unit vectors, float32 (n, dimension).
            model: see the class.
            seed: of the sample.

        Returns:
            One measure, or two: the first holds if by it faces find others of their person, and otherwise the second.
        """
        usual = LikenessOfStrangers.by_model(model)
        if len(vectors) < _LEAST or not np.isfinite(usual.middle):
            return (usual,)
        chosen = vectors[np.random.default_rng(seed).permutation(len(vectors))[:_SAMPLED]]
        apart = chosen[_apart(chosen, similarity_beyond(model, _ONE_PERSON))]
        if not _are_many(chosen) and len(apart) < max(_LEAST, _SINGLE * len(chosen)):
            return (usual,)
        width = similarity_beyond(model, _FIFTH) - usual.middle
        seeming = LikenessOfStrangers(model, *_of_all(_pairs(chosen), width), certain=False)
        if len(apart) < _LEAST:
            return seeming, usual
        certain = LikenessOfStrangers(model, *_lower_half(_pairs(apart), width))
        return (certain,) if seeming.middle - certain.middle <= width else (seeming, certain)

    def reached_by(self, share: float) -> float:
        """Similarity that a share of the pairs of strangers reaches; infinity where the model does not say."""
        shares = max(share, _RAREST), _HALF, _HIGHEST
        by_model, usual, highest = (similarity_beyond(self.model, one) for one in shares)
        here = self.middle + self.spread * (by_model - usual)
        return max(by_model, min(here, highest)) if np.isfinite(by_model) else by_model


def _lower_half(pairs: NDArray[np.float32], width: float) -> tuple[float, float]:
    """Middle and spread by the lower half of the pairs: what pairs of one person are left are in the upper one."""
    low, middle = (float(one) for one in np.quantile(pairs, [_FIFTH, _HALF]))
    return middle, min((middle - low) / width, 1.0)


def _of_all(pairs: NDArray[np.float32], width: float) -> tuple[float, float]:
    """The same of few people, or of many who are alike; if most pairs are one's, the very lowest tell the middle."""
    lowest = float(np.quantile(pairs, _LOWEST)) + _DEPTH * width
    middle, spread = _lower_half(pairs, width)
    return (lowest, 1.0) if lowest < middle else (middle, spread)


def _pairs(vectors: Vectors) -> NDArray[np.float32]:
    """Similarity of each pair, once."""
    return np.asarray((vectors @ vectors.T)[np.triu_indices(len(vectors), 1)])


def _are_many(vectors: Vectors) -> bool:
    """Whether faces seem to be of many people, each of whom has a few.

    Then what is near to a face's nearest one is near to the face, too; or two are each other's nearest, and all others
    are farther away. Photos of one person lie around their middle in all directions, and the nearest ones are near by
    chance. Of few photos it is no more than a guess.
    """
    around = vectors - vectors.mean(axis=0)
    around /= np.maximum(np.linalg.norm(around, axis=1, keepdims=True), 1e-9)
    alike = around @ around.T
    np.fill_diagonal(alike, -1)
    rows, nearest, nearness = np.arange(len(alike)), alike.argmax(axis=1), alike.max(axis=1)
    beside = alike[nearest]
    beside[rows, rows] = -1
    of_three = alike[rows, beside.argmax(axis=1)] >= _NEARLY * nearness
    second = np.partition(alike, -2, axis=1)[:, -2]
    of_two = (nearest[nearest] == rows) & (second < _FARTHER * nearness)
    return bool((of_three | of_two).mean() >= _MOSTLY)


def _apart(vectors: Vectors, limit: float) -> NDArray[np.bool_]:
    """Which vectors, taken in turn from the oddest on, are less alike than the limit to all that were taken before."""
    taken, left = np.zeros(len(vectors), np.bool_), np.argsort(vectors @ vectors.sum(axis=0), kind="stable")
    while len(left):
        taken[left[0]] = True
        left = left[1:][vectors[left[1:]] @ vectors[left[0]] < limit]
    return taken
