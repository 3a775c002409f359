"""One vector for a person, from the vectors of several photos."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors


def robust_mean(vectors: Vectors, rounds: int = 10) -> NDArray[np.float32]:
    """Geometric median of unit vectors, scaled to unit length: one odd photo moves it little.

    Weiszfeld's algorithm (E. Weiszfeld, 1937): a mean, again and again, whose weights are the inverse distances to the
    last one.

    Args:
        vectors: float32 unit vectors, shape (n, dimension), n ≥ 1.
        rounds: number of iterations.

    Returns:
        float32 unit vector, shape (dimension,).

    Example:
        >>> vectors = np.float32([[1, 0], [1, 0], [1, 0], [0, 1]])  # three photos agree, one does not
        >>> [round(float(value), 3) for value in robust_mean(vectors)]
        [1.0, 0.0]
    """
    centre = vectors.mean(axis=0)
    for _ in range(rounds):
        weights = 1 / np.maximum(np.linalg.norm(vectors - centre, axis=1), 1e-6)
        centre = (weights[:, None] * vectors).sum(axis=0) / weights.sum()
    length = np.linalg.norm(centre)
    # Opposite vectors cancel out; any of them is as good an answer as another.
    return np.asarray(centre / length if length > 1e-6 else vectors[0], np.float32)
