"""How rare is a resemblance? The similarities of different people in this gallery answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.embedder import Vectors

SAMPLED_PAIRS = 2_000_000
LEAST_PAIRS = 20_000
"""Impostor pairs below which a false match rate of 1e-3 rests on too few cases to be measured."""
LEAST_PEOPLE = 20
"""With fewer, thousands of pairs of photos are still only a few pairs of people."""
SAME_PERSON_FMR = 1e-3
_SHARES = np.concatenate([np.linspace(1, 0.1, 10), np.geomspace(0.1, 1e-6, 76)[1:]])


@dataclass(frozen=True)
class Calibration:
    """Shares of different-person pairs against similarity.

    Attributes:
        source: ``gallery``, or ``model`` when the gallery has too few pairs to measure.
        pairs: impostor pairs it rests on.
        shares: falling from 1.
        similarities: reached by just that share of impostor pairs; rising.
    """

    source: str
    pairs: int
    shares: list[float]
    similarities: list[float]

    @cached_property
    def _curve(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return np.array(self.similarities), np.log(self.shares)

    def rarity(self, similarity: float) -> float:
        """Share of different-person pairs at least this alike, in (0, 1].

        Never below what the data can tell: one in the number of pairs.
        """
        similarities, log_shares = self._curve
        return float(np.exp(np.interp(similarity, similarities, log_shares)))

    def similarity_at(self, share: float) -> float:
        """Similarity that just this share of different-person pairs reaches."""
        similarities, log_shares = self._curve
        return float(np.interp(-np.log(share), -log_shares, similarities))

    def same_person(self, pairs: int = 1) -> float:
        """Similarity above which the best of so many pairs is probably the same person (false match rate 1e-3)."""
        return self.similarity_at(SAME_PERSON_FMR / max(pairs, 1))


def calibrate(vectors: Vectors, people: NDArray[np.int64], model: dict[str, float], seed: int = 0) -> Calibration:
    """Measure the impostor similarities of a gallery: every pair up to a limit, a sample above it.

    Args:
        vectors: float32 unit vectors, shape (n, dimension).
        people: person of each, shape (n,).
        model: the model's own calibration, ``{share: similarity}``, used when the gallery is too small.
        seed: of the sample.
    """
    similarities = np.sort(_impostor_similarities(vectors, people, seed))
    if len(similarities) < LEAST_PAIRS or len(np.unique(people)) < LEAST_PEOPLE:
        return model_calibration(model)
    # Beyond one in the number of pairs there is nothing to read.
    shares = np.append(_SHARES[_SHARES * len(similarities) > 1], 1 / len(similarities))
    ranks = np.minimum((1 - shares) * len(similarities), len(similarities) - 1).astype(int)
    # The curve is looked up by similarity, which must rise for the look-up to have one answer.
    reached = np.maximum.accumulate(similarities[ranks].astype(float) + np.arange(len(ranks)) * 1e-9)
    return Calibration("gallery", len(similarities), shares.tolist(), reached.tolist())


def model_calibration(model: dict[str, float]) -> Calibration:
    """The curve measured with the model, on people who are in nobody's gallery."""
    known = sorted(((float(share), similarity) for share, similarity in model.items()), reverse=True)
    shares, similarities = zip(*((1.0, -1.0), *known), strict=True)
    return Calibration("model", 0, list(shares), list(similarities))


def _impostor_similarities(vectors: Vectors, people: NDArray[np.int64], seed: int) -> NDArray[np.float32]:
    n = len(vectors)
    if n * (n - 1) // 2 <= SAMPLED_PAIRS:
        first, second = np.triu_indices(n, 1)
        similarities = (vectors @ vectors.T)[first, second] if n else np.empty(0, np.float32)
    else:
        rng = np.random.default_rng(seed)
        first, second = rng.integers(0, n, (2, SAMPLED_PAIRS))
        similarities = np.concatenate(
            [
                np.einsum("ij,ij->i", vectors[a], vectors[b])
                for a, b in zip(np.array_split(first, 64), np.array_split(second, 64), strict=True)
            ]
        )
    return np.asarray(similarities[people[first] != people[second]], np.float32)
