"""Tail of the impostor similarities: how the rarest ones thin out beyond those that were measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST = 50
"""Values above the threshold that a fit needs."""


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
