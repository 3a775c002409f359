"""Confidence of figures over pairs or triplets of photos, which share photos and are not independent of one another."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

DRAWS = 1_000
Weights = NDArray[np.float64]


def confidence(
    statistic: Callable[[Weights], float], things: NDArray[np.int64], seed: int = 0
) -> tuple[float, float] | None:
    """95 % interval of a statistic, by drawing photos (or people) with replacement, and not rows.

    A row counts as often as all that it is made of are drawn together: a photo that is drawn twice brings its pairs
    twice, one that is not drawn takes its pairs with it.

    Args:
        statistic: from the weights of the rows, float64 (n,), to a figure; NaN where a draw tells nothing.
        things: numbers of what each row is made of, int (n, 2) or (n, 3).
        seed: of the draws.

    Returns:
        The interval; None where draws seldom tell anything.
    """
    dice, number = np.random.default_rng(seed), int(things.max()) + 1
    found = []
    for _ in range(DRAWS):
        times = np.bincount(dice.integers(0, number, number), minlength=number)
        weights = times[things].prod(axis=1).astype(np.float64)
        found.append(statistic(weights) if weights.any() else np.nan)
    told = np.array(found)[np.isfinite(found)]
    return None if len(told) < DRAWS / 2 else (float(np.quantile(told, 0.025)), float(np.quantile(told, 0.975)))


def spearman(first: NDArray[np.float64], second: NDArray[np.float64], weights: Weights) -> float:
    """Spearman's rank correlation of weighted rows; ties share their mean rank. NaN where one side is all alike.

    Example:
        >>> values = np.array([1.0, 2.0, 3.0])
        >>> round(spearman(values, np.array([1.0, 3.0, 2.0]), np.ones(3)), 6)
        0.5
    """
    ranks = np.stack([_ranks(first, weights), _ranks(second, weights)])
    apart = ranks - (ranks * weights).sum(axis=1, keepdims=True) / weights.sum()
    covariance = (apart * weights) @ apart.T
    with np.errstate(invalid="ignore"):
        return float(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]))


def _ranks(values: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    places = np.unique(values, return_inverse=True)[1]
    each = np.bincount(places, weights)
    return np.asarray((np.cumsum(each) - each / 2)[places])


def median(values: NDArray[np.float64], weights: Weights) -> float:
    """Median of weighted values: the smallest that at least half of the weight reaches or stays below."""
    order = np.argsort(values)
    return float(values[order][np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)])
