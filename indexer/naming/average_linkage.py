"""Average linkage over a graph of neighbours: the most alike groups are joined first.

The similarity of two groups is that of their faces on average, which the sums of their vectors give exactly. Only
groups with a pair of neighbours between them are compared, and only once their nearest pair is what comes next: the
pairs stream in from the most alike on, and what is never reached costs nothing. Each group waits in a queue by a
similarity that its best neighbour does not exceed, and that is looked up again when its turn comes: Müllner (2011),
Modern hierarchical, agglomerative clustering algorithms.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.indexer.naming.nearest_faces import FacePairs

Tokens = frozenset[int]
"""What a face has for itself, such as its photo: two groups that share a token are never joined."""
_NONE = -1.0
"""Similarity of a group that has met no other."""


def joined(
    vectors: Vectors,
    before: NDArray[np.int64],
    pairs: FacePairs,
    tokens: Mapping[int, Tokens],
    least: Callable[[int], float],
) -> NDArray[np.int64]:
    """Join faces and groups for as long as they are alike enough.

    Args:
        vectors: unit vectors, float32 (n, dimension).
        before: first row of the group that each face is in already, int64 (n,); its own row where it is in none.
        pairs: neighbours.
        tokens: of faces, by row; most have none.
        least: average similarity that two of so many groups must have to be joined; it must not rise as they get fewer.

    Returns:
        For each face the first row of its group, int64 (n,).
    """
    linkage = _Linkage(vectors, before, tokens)
    at, enough = 0, least(linkage.count)
    while True:
        coming = float(pairs.cosines[at]) if at < len(pairs.cosines) else _NONE
        if max(linkage.bound(), coming) < enough:
            return linkage.roots()
        if coming >= linkage.bound():
            linkage.meet(int(pairs.one[at]), int(pairs.other[at]))
            at += 1
        elif linkage.join_next(max(coming, enough)):
            enough = least(linkage.count)


class _Linkage:
    """Groups under way; each has the row of one of its faces for a name.

    Attributes:
        count: number of groups.
    """

    def __init__(self, vectors: Vectors, before: NDArray[np.int64], tokens: Mapping[int, Tokens]) -> None:
        self._root: list[int] = before.tolist()
        self._sums, self._sizes = _summed(vectors, before)
        self._near = dict[int, set[int]]()
        self._bounds = dict[int, float]()
        self._queue = list[tuple[float, int]]()
        self._tokens = dict[int, set[int]]()
        for row, some in tokens.items():
            self._tokens.setdefault(self._root[row], set()).update(some)
        self.count = int((self._sizes > 0).sum())

    def bound(self) -> float:
        """Similarity that no two groups that have met exceed."""
        while self._queue:
            opposite, group = self._queue[0]
            if self._bounds.get(group) == -opposite:
                return -opposite
            heapq.heappop(self._queue)  # it is gone, or waits elsewhere by now
        return _NONE

    def meet(self, one: int, other: int) -> None:
        """Two faces are neighbours: their groups are compared from now on."""
        one, other = self._find(one), self._find(other)
        if one == other or other in self._near.get(one, ()):
            return
        self._near.setdefault(one, set()).add(other)
        self._near.setdefault(other, set()).add(one)
        cosine = float(self._sums[one] @ self._sums[other] / (self._sizes[one] * self._sizes[other]))
        if cosine > max(self._bounds.get(one, _NONE), self._bounds.get(other, _NONE)):
            self._await(one, cosine)

    def join_next(self, least: float) -> bool:
        """Join the first group of the queue and its best neighbour, if they are what comes next.

        Args:
            least: similarity that they must have: enough to be joined, and no less than the next pair of faces, whose
                groups may not have met.

        Returns:
            Whether two groups were joined; if not, the group waits for its turn again.
        """
        _, group = heapq.heappop(self._queue)
        del self._bounds[group]
        if not self._near[group]:  # its neighbours share tokens with it
            return False
        cosine, best = self._best(group)
        if cosine < max(self.bound(), least):
            self._await(group, cosine)
            return False
        if not self._tokens.get(group, set()).isdisjoint(self._tokens.get(best, set())):
            self._near[group].remove(best)
            self._near[best].remove(group)
            self._await(group, cosine)
            return False
        self._join(*((group, best) if self._sizes[group] >= self._sizes[best] else (best, group)))
        return True

    def roots(self) -> NDArray[np.int64]:
        """Name of each face's group, int64 (n,): its first row."""
        names = np.array([self._find(row) for row in range(len(self._root))], np.int64)
        _, first, which = np.unique(names, return_index=True, return_inverse=True)
        return np.asarray(first[which], np.int64)

    def _join(self, kept: int, gone: int) -> None:
        self._root[gone] = kept
        self._sums[kept] += self._sums[gone]
        self._sizes[kept] += self._sizes[gone]
        self._bounds.pop(gone, None)
        self.count -= 1
        if theirs := self._tokens.pop(gone, None):
            self._tokens.setdefault(kept, set()).update(theirs)
        near = self._near[kept]
        for neighbour in self._near.pop(gone):
            self._near[neighbour].remove(gone)
            if neighbour != kept:
                self._near[neighbour].add(kept)
                near.add(neighbour)
        if near:
            self._await(kept, self._best(kept)[0])
        else:
            self._bounds.pop(kept, None)

    def _await(self, group: int, bound: float) -> None:
        """Put a group into the queue, by a similarity that its neighbours do not exceed."""
        self._bounds[group] = bound
        heapq.heappush(self._queue, (-bound, group))

    def _best(self, group: int) -> tuple[float, int]:
        """Similarity and name of the most alike neighbour of a group that has some."""
        near = list(self._near[group])
        cosines = self._sums[near] @ self._sums[group] / (self._sizes[near] * self._sizes[group])
        best = int(cosines.argmax())
        return float(cosines[best]), near[best]

    def _find(self, row: int) -> int:
        while (above := self._root[row]) != row:
            self._root[row] = self._root[above]
            row = above
        return row


def _summed(vectors: Vectors, before: NDArray[np.int64]) -> tuple[Vectors, NDArray[np.float32]]:
    """Sums of the vectors of each group, and numbers of its faces, in the row of its name."""
    order = np.argsort(before, kind="stable")
    names, starts = np.unique(before[order], return_index=True)
    sums = np.zeros_like(vectors)
    sums[names] = np.add.reduceat(vectors[order], starts)
    return sums, np.bincount(before, minlength=len(before)).astype(np.float32)
