"""What a model's similarities mean: measured on labelled people it was not trained on."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from engine.crop_set import CropSet
from engine.embedder import Embedder, Vectors
from engine.retrieval import BLOCK

FMRS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001)
MOST_FACES = 5000
SHARES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9)


def measure(embedder: Embedder, faces: CropSet) -> tuple[dict[str, float], dict[str, float]]:
    """Embed the faces, and compare all with all.

    Args:
        embedder: the model.
        faces: of at least two people, one of them with two photos.

    Returns:
        ``calibration``: the similarity that different people reach at each false match rate that so many pairs can
        tell. ``genuine``: the similarity that a share of the pairs of one person's photos stays below.
    """
    rows = _sample(faces.people)
    people = np.unique([faces.people[row] for row in rows], return_inverse=True)[1]
    return quantiles(*compared(embedder.embed(faces.crops[rows]), people))


def _sample(people: list[str]) -> list[int]:
    """Rows of whole people, in a random order of them, until there are enough: all pairs must fit the memory."""
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
    """Similarities of all pairs of different people (each twice), and of all pairs of one person's photos (once)."""
    impostors, genuine = [], []
    for start in range(0, len(vectors), BLOCK):
        rows = np.arange(start, min(start + BLOCK, len(vectors)))
        similarities = vectors[rows] @ vectors.T
        same = people[rows, None] == people
        impostors.append(similarities[~same])
        genuine.append(similarities[same & (rows[:, None] < np.arange(len(vectors)))])
    return np.concatenate(impostors), np.concatenate(genuine)


def quantiles(
    impostors: NDArray[np.float32], genuine: NDArray[np.float32]
) -> tuple[dict[str, float], dict[str, float]]:
    """What :func:`measure` returns, from the similarities that :func:`compared` gives."""
    told = [fmr for fmr in FMRS if fmr * len(impostors) / 2 >= 1]
    reached = np.quantile(impostors, [1 - fmr for fmr in told])
    kept = np.quantile(genuine, SHARES)
    return _by_share(told, reached.tolist()), _by_share(SHARES, kept.tolist())


def _by_share(shares: list[float] | tuple[float, ...], similarities: list[float]) -> dict[str, float]:
    return {f"{share:g}": round(similarity, 4) for share, similarity in zip(shares, similarities, strict=True)}
