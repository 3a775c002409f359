"""Groups of faces that nobody has named, pure before large.

Two groups are joined as long as, among all groups there are, less than one stranger is expected to be as near: between
so many groups a similarity must be the rarer, the more there are. While most groups are single faces, whose similarity
says less than an average of many, the rule is up to ten times stricter. No number has to be chosen for a gallery.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.indexer.naming.average_linkage import Tokens, joined
from niteru.indexer.naming.likeness_of_strangers import LikenessOfStrangers
from niteru.indexer.naming.nearest_faces import nearest_pairs

EXPECTED = 1.0
"""Strangers as near as that, expected among all groups, from which two groups of many faces are not joined."""
EXPECTED_OF_FACES = 0.1
"""The same while every face is by itself: what one pair of faces says errs more than an average of many."""
COMMONEST = 0.01
"""Share of pairs of strangers whose similarity is looked up at most: of a hundred groups or fewer."""
_IN_COMPANY = 0.75
"""Share of the faces that find others of their person if the people of a gallery are as alike as they seem."""


def group_faces(
    vectors: Vectors,
    model: Mapping[str, float],
    before: NDArray[np.int64] | None = None,
    tokens: Mapping[int, Tokens] | None = None,
    others: int = 0,
) -> NDArray[np.int64]:
    """Group faces by whose they seem to be.

    Args:
        vectors: unit vectors, float32 (n, dimension).
        model: calibration of the model that made them, ``{share: similarity}``.
        before: group that each face is in already, int64 (n,); -1 for a new one. Groups stay together; new faces join
            them, and may show that two of them are one.
        tokens: by row, what a face has for itself, such as the photo that shows several: groups that share a token
            stay apart.
        others: number of people elsewhere, whom these faces might as well be.

    Returns:
        For each face the first row of its group, int64 (n,).

    Example:
        >>> drawn = np.array([[1, 0], [0.99, 0.14], [0, 1]], np.float32)
        >>> group_faces(drawn, {"0.5": 0.1, "0.1": 0.3, "0.01": 0.45})
        array([0, 0, 2])
    """
    if not len(vectors):
        return np.empty(0, np.int64)
    start, new = _started(before, len(vectors))
    *seeming, otherwise = LikenessOfStrangers.among(vectors, model)

    def found(strangers: LikenessOfStrangers) -> NDArray[np.int64]:
        of_faces = EXPECTED_OF_FACES if strangers.certain else EXPECTED

        def least(groups: int) -> float:
            expected = EXPECTED - (EXPECTED - of_faces) * groups / len(vectors)
            return strangers.reached_by(min(expected / (groups + others), COMMONEST))

        return joined(vectors, start, nearest_pairs(vectors, new, least(1)), tokens or {}, least)

    for strangers in seeming:
        groups = found(strangers)
        if _in_company(groups) >= _IN_COMPANY:
            return groups
    return found(otherwise)


def _in_company(groups: NDArray[np.int64]) -> float:
    """Share of the faces that are in a group with others."""
    _, which, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    return float((sizes[which] > 1).mean())


def _started(before: NDArray[np.int64] | None, count: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """First row of each face's group so far, and which faces are new."""
    rows = np.arange(count)
    if before is None:
        return rows, np.ones(count, np.bool_)
    new = before < 0
    _, first, which = np.unique(np.where(new, -1 - rows, before), return_index=True, return_inverse=True)
    return np.asarray(first[which], np.int64), new
