"""People who may be in an answer: those who meet conditions, are among some, and are no relatives."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from niteru.indexer.generations.generation import Generation


def eligible(
    generation: Generation,
    where: tuple[str, ...] = (),
    only: frozenset[int] | None = None,
    without: Collection[int] = (),
) -> NDArray[np.int64] | None:
    """Ids of the people who may be in an answer, ascending; None if anybody may.

    Args:
        generation: that is asked.
        where: conditions that they meet, see :mod:`niteru.indexer.generations.where`.
        only: ids of those who may be in it; None for anybody.
        without: ids of those who may not.

    Raises:
        BadCondition: one of the conditions names no column, or a range that is none.
    """
    found = None if only is None else np.array(sorted(only), np.int64)
    if where:
        passing = generation.columns.passing(where)
        found = passing if found is None else np.intersect1d(passing, found, assume_unique=True)
    if without:
        found = np.unique(generation.person_ids) if found is None else found
        found = np.setdiff1d(found, list(without), assume_unique=True)
    return found
