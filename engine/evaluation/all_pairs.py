"""All pairs of a set's faces instead of a list of some: rare errors show only in many pairs."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.evaluation.retrieval import BLOCK

MOST_FACES = 5000
"""All pairs of so many faces fit into memory."""


def sample(people: list[str]) -> list[int]:
    """Choose people at random, all faces of each, until there are :data:`MOST_FACES` or more; returns the rows."""
    rows = defaultdict(list)
    for row, person in enumerate(people):
        rows[person].append(row)
    chosen: list[int] = []
    for name in np.random.default_rng(0).permutation(sorted(rows)):
        if len(chosen) >= MOST_FACES:
            break
        chosen += rows[str(name)]
    return sorted(chosen)


def compared(vectors: Vectors, people: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Similarities of all pairs of different people (each twice), and of all pairs of one person's photos (once).

    Args:
        vectors: unit vectors, float32 (n, dimension).
        people: number of each one's person, int (n,).
    """
    impostors, genuine = [], []
    for start in range(0, len(vectors), BLOCK):
        rows = np.arange(start, min(start + BLOCK, len(vectors)))
        similarities = vectors[rows] @ vectors.T
        same = people[rows, None] == people
        impostors.append(similarities[~same])
        genuine.append(similarities[same & (rows[:, None] < np.arange(len(vectors)))])
    return np.concatenate(impostors), np.concatenate(genuine)


def threshold_at(impostors: NDArray[np.float32], fmr: float) -> float | None:
    """Similarity that a share of the impostor pairs reaches; None if there are too few pairs to say.

    Args:
        impostors: similarities of the pairs of different people, each pair twice.
        fmr: false match rate, the share.
    """
    if fmr * len(impostors) / 2 < 1:
        return None
    return float(np.quantile(impostors, 1 - fmr))


def tar_at_fmr(impostors: NDArray[np.float32], genuine: NDArray[np.float32], fmr: float) -> float | None:
    """Share of the genuine pairs that pass at a false match rate; None if there are too few pairs to say."""
    threshold = threshold_at(impostors, fmr)
    return None if threshold is None or not len(genuine) else float((genuine >= threshold).mean())
