"""Average linkage over a graph of neighbours: the most alike groups are joined first.

The similarity of two groups is that of their faces on average, which the sums of their vectors give exactly. Only
groups with a pair of neighbours between them are compared, and only once their nearest pair is what comes next: the
pairs stream in from the most alike on, and what is never reached costs nothing.
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
    coming, at = len(pairs.cosines), 0
    while True:
        level = linkage.best()
        while at < coming and pairs.cosines[at] >= level:
            linkage.meet(int(pairs.one[at]), int(pairs.other[at]))
            level = linkage.best()
            at += 1
            if at < coming and pairs.cosines[at] < least(linkage.count):
                coming = at
        if level < least(linkage.count):
            return linkage.roots()
        linkage.join_best()


class _Linkage:
    """Groups under way; each has the row of one of its faces for a name.

    Attributes:
        count: number of groups.
    """

    def __init__(self, vectors: Vectors, before: NDArray[np.int64], tokens: Mapping[int, Tokens]) -> None:
        self._root = before.copy()
        self._sums = np.zeros_like(vectors)
        np.add.at(self._sums, before, vectors)
        self._sizes = np.bincount(before, minlength=len(before)).astype(np.float32)
        self._changes = np.zeros(len(before), np.int32)
        self._near = dict[int, set[int]]()
        self._heap = list[tuple[float, int, int, int, int]]()
        self._tokens = dict[int, set[int]]()
        for row, some in tokens.items():
            self._tokens.setdefault(int(before[row]), set()).update(some)
        self.count = int((self._sizes > 0).sum())

    def best(self) -> float:
        """Similarity of the two most alike groups that have met; -1 if there are none."""
        while self._heap:
            cosine, one, other, *changes = self._heap[0]
            if changes == [self._changes[one], self._changes[other]]:
                return -cosine
            heapq.heappop(self._heap)
        return -1.0

    def meet(self, one: int, other: int) -> None:
        """Two faces are neighbours: their groups are compared from now on."""
        one, other = self._find(one), self._find(other)
        if one == other or other in self._near.get(one, ()):
            return
        self._near.setdefault(one, set()).add(other)
        self._near.setdefault(other, set()).add(one)
        self._compare(one, [other])

    def join_best(self) -> None:
        """Join the two most alike groups, unless they share a token."""
        _, one, other, _, _ = heapq.heappop(self._heap)
        mine, theirs = self._tokens.get(one, set()), self._tokens.get(other, set())
        if not mine.isdisjoint(theirs):
            return
        kept, gone = (one, other) if self._sizes[one] >= self._sizes[other] else (other, one)
        self._root[gone] = kept
        self._sums[kept] += self._sums[gone]
        self._sizes[kept] += self._sizes[gone]
        self._sizes[gone] = 0
        self._changes[[kept, gone]] += 1
        self.count -= 1
        if mine or theirs:
            self._tokens[kept] = mine | theirs
        near = (self._near.pop(kept) | self._near.pop(gone)) - {kept, gone}
        self._near[kept] = near
        for neighbour in near:
            others = self._near[neighbour]
            others.discard(gone)
            others.add(kept)
        if near:
            self._compare(kept, sorted(near))

    def roots(self) -> NDArray[np.int64]:
        """Name of each face's group, int64 (n,): its first row."""
        names = np.array([self._find(row) for row in range(len(self._root))], np.int64)
        _, first, which = np.unique(names, return_index=True, return_inverse=True)
        return np.asarray(first[which], np.int64)

    def _compare(self, one: int, others: list[int]) -> None:
        cosines = self._sums[others] @ self._sums[one] / (self._sizes[others] * self._sizes[one])
        for other, cosine in zip(others, cosines.tolist(), strict=True):
            low, high = (one, other) if one < other else (other, one)
            changes = int(self._changes[low]), int(self._changes[high])
            heapq.heappush(self._heap, (-cosine, low, high, *changes))

    def _find(self, row: int) -> int:
        while (above := int(self._root[row])) != row:
            self._root[row] = self._root[above]
            row = above
        return row
