"""A map of people: on a grid, those who look alike near one another.

t-SNE (van der Maaten and Hinton, 2008, https://jmlr.org/papers/v9/vandermaaten08a.html) as scikit-learn has it, then
each person in a cell of their own: the assignment that moves all of them the least.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.failure import Failure
from niteru.engine.work.extras import extra

LEAST_PEOPLE = 8
"""Of fewer a map says nothing that a list does not."""
ROOM = 1.6
"""Cells for each person: some stay empty, so that groups stand apart."""
_PERPLEXITY = 15
_ALIKE = 1e-6


class MapUnavailable(Failure):
    """scikit-learn is not installed here, or there is nothing to tell people apart by."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A square of ``side`` × ``side`` cells; whose cell is which, column and row, int64 (p, 2)."""

    side: int
    cells: NDArray[np.int64]


def lay_out(vectors: Vectors) -> Grid:
    """A cell for each person.

    Args:
        vectors: float32 unit vectors, shape (p, dimension), p ≥ 8.

    Raises:
        MapUnavailable: scikit-learn is not installed, or all vectors are equal.
    """
    with extra("map", "the map of faces", MapUnavailable):
        from scipy.optimize import linear_sum_assignment
        from scipy.spatial.distance import cdist
        from sklearn.manifold import TSNE
    if np.ptp(vectors, axis=0).max() < _ALIKE:
        raise MapUnavailable("no map of faces that are all the same")  # scikit-learn would end the process
    number = len(vectors)
    perplexity = min(_PERPLEXITY, (number - 1) / 3)
    places = TSNE(metric="cosine", init="pca", perplexity=perplexity, random_state=0).fit_transform(vectors)
    side = int(np.ceil(np.sqrt(ROOM * number)))
    cells = np.stack(np.divmod(np.arange(side * side), side)[::-1], axis=1)
    _, chosen = linear_sum_assignment(cdist(_spread(places) * (side - 1), cells, "sqeuclidean"))
    return Grid(side, cells[chosen].astype(np.int64))


def _spread(places: NDArray[np.float32]) -> NDArray[np.float64]:
    """Into the square from 0 to 1, float64 (p, 2); a few who are far off do not press the others together."""
    low, high = np.quantile(places, (0.02, 0.98), axis=0)
    return np.asarray(np.clip((places - low) / np.maximum(high - low, 1e-9), -0.1, 1.1), np.float64)
