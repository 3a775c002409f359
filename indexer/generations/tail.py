"""Tails of similarities of different people: how the rarest ones thin out beyond those that were measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST = 50
"""Values above the threshold that a fit needs."""
_WIDEST = 0.05
"""Share of the values that still counts as their tail."""
_MET_BY = 10
"""Pairs that the curve of a model is made to meet, the highest of few."""


@dataclass(frozen=True, slots=True)
class Tail:
    """A generalised Pareto distribution above a threshold.

    Attributes:
        threshold: similarity from which it holds.
        share: of all pairs that are above the threshold.
        scale: of the excess over the threshold.
        shape: 0 for an exponential tail; a positive one ends at a highest similarity.
    """

    threshold: float
    share: float
    scale: float
    shape: float

    def similarity_at(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Similarities that these shares of all pairs reach."""
        within = np.log(shares / self.share)
        excess = -within if self.shape < 1e-6 else -np.expm1(self.shape * within) / self.shape
        return self.threshold + self.scale * excess

    def reached_by(self, share: float) -> float:
        """Similarity that one share of all pairs reaches; the threshold for a share that is not beyond it."""
        return float(self.similarity_at(np.array([min(share, self.share)]))[0])


def fit_tail(similarities: NDArray[np.float32], share: float) -> Tail | None:
    """Fit the highest values by probability-weighted moments (Hosking and Wallis, 1987, Technometrics 29).

    Args:
        similarities: of all pairs, ascending.
        share: of the pairs, the highest, to fit to.

    Returns:
        The tail, exponential or lighter, for a cosine ends at 1; None with too few values.
    """
    above = similarities[int(np.ceil((1 - share) * len(similarities))) :].astype(float)
    if len(above) < LEAST or above[-1] <= above[0]:
        return None
    excess = above - above[0]
    mean = excess.mean()
    weighted = (excess * np.linspace(1, 0, len(excess))).mean()
    shape = max(mean / (mean - 2 * weighted) - 2, 0.0) if mean > 2 * weighted else 0.0
    return Tail(float(above[0]), share, float(mean * (1 + shape)), float(shape))


def fit_exponential(similarities: NDArray[np.float32], share: float) -> Tail | None:
    """Fit an exponential tail to the median of the highest values, which a few wrong labels among them hardly move.

    Args:
        similarities: of all pairs, ascending.
        share: of the pairs, the highest, to fit to; 50 pairs where those would be fewer.

    Returns:
        The tail; None with fewer than 1,000 pairs, of whom 50 are no tail, or where the highest are all alike.
    """
    if len(similarities) < LEAST / _WIDEST:
        return None
    above = similarities[-max(int(share * len(similarities)), LEAST) :].astype(float)
    scale = float(np.median(above - above[0])) / np.log(2)
    return Tail(float(above[0]), len(above) / len(similarities), scale, 0.0) if scale > 0 else None


def fit_beside(model: Mapping[str, float], similarities: NDArray[np.float32]) -> Tail | None:
    """Tail of a model's calibration that was shifted and stretched to meet a few pairs, see :func:`meeting`.

    Returns:
        The tail; None where it cannot meet them.
    """
    met = {float(share): similarity for share, similarity in meeting(model, similarities).items()}
    if not met:
        return None
    rarest = min(met)
    decade = similarity_beyond({str(share): one for share, one in met.items()}, rarest / 10) - met[rarest]
    return Tail(met[rarest], rarest, float(decade / np.log(10)), 0.0)


def meeting(model: Mapping[str, float], similarities: NDArray[np.float32]) -> dict[str, float]:
    """Shift and stretch a model's own calibration until it meets a few pairs, which show no curve of their own.

    Families, babies and drawn people are more alike than the people that a model was measured on.

    Args:
        model: a model's own calibration, ``{share: similarity}``.
        similarities: of all pairs, ascending.

    Returns:
        The calibration; empty with fewer than 20 pairs, or where fewer than two shares of the model were measured.
    """
    if len(model) < 2 or len(similarities) < 2 * _MET_BY:
        return {}
    shares = [float(share) for share in model]
    rarest, commonest = min(shares), max(shares)
    highest = max(min(_MET_BY / len(similarities), commonest), rarest)
    by_pairs = np.quantile(similarities, [1 - commonest, 1 - highest])
    by_model = [similarity_beyond(model, share) for share in (commonest, highest)]
    stretch = max((by_pairs[1] - by_pairs[0]) / (by_model[1] - by_model[0]), 1.0) if highest < commonest else 1.0
    return {share: float(by_pairs[1] + stretch * (one - by_model[1])) for share, one in model.items()}


def similarity_beyond(model: Mapping[str, float], share: float) -> float:
    """Similarity that a share of a model's pairs of different people reaches, exponential beyond those measured.

    Args:
        model: a model's own calibration, ``{share: similarity}``.
        share: to look up.

    Returns:
        The similarity; infinity where fewer than two shares were measured.

    Example:
        >>> similarity_beyond({"0.01": 0.4, "0.001": 0.5}, 1e-5)
        0.7
    """
    if len(model) < 2:
        return float("inf")
    known = sorted((float(one), similarity) for one, similarity in model.items())
    shares, similarities = np.log([one for one, _ in known]), np.array([similarity for _, similarity in known])
    if np.log(share) >= shares[0]:
        return float(np.interp(np.log(share), shares, similarities))
    decade = max(int((shares <= shares[0] + np.log(10) + 1e-9).sum()), 2)
    rise, fall = similarities[0] - similarities[:decade], shares[:decade] - shares[0]
    return round(float(similarities[0] + (shares[0] - np.log(share)) * (rise @ fall) / (fall @ fall)), 6)
