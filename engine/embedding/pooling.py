"""Several photos of one person as one vector."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors


def robust_mean(vectors: Vectors, rounds: int = 10) -> NDArray[np.float32]:
    """The geometric median of unit vectors, brought back to unit length: one odd photo moves it little.

    Weiszfeld's algorithm (E. Weiszfeld, 1937): a mean whose weights are the inverse distances to the last one.

    Args:
        vectors: float32 unit vectors, shape (n, dimension), n ≥ 1.
        rounds: of the iteration.

    Returns:
        float32 unit vector, shape (dimension,).
    """
    centre = vectors.mean(axis=0)
    for _ in range(rounds):
        weights = 1 / np.maximum(np.linalg.norm(vectors - centre, axis=1), 1e-6)
        centre = (weights[:, None] * vectors).sum(axis=0) / weights.sum()
    length = np.linalg.norm(centre)
    # Opposite vectors cancel out; any of them is as good an answer.
    return np.asarray(centre / length if length > 1e-6 else vectors[0], np.float32)
