"""Calibration of a model's similarities on labelled people that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.evaluation.all_pairs import compared, sample
from niteru.engine.evaluation.crop_set import CropSet
from niteru.engine.evaluation.groups import pairs_of_adults

FMRS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001)
RAREST_IN_GROUPS = 1e-3
"""Below this rate a group's most alike pairs are mostly people who are in it twice. The similarities of rarer pairs are
those of ``faces``, raised by as much as the groups raise the similarity at this rate."""
SHARES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9)


def measure(
    embedder: Embedder, faces: CropSet, strangers: CropSet | None = None
) -> tuple[dict[str, float], dict[str, float]]:
    """Embed the faces and compare all with all.

    Args:
        embedder: model to calibrate.
        faces: crops of at least two people, one of whom has two photos.
        strangers: groups of adults, one folder for each, every picture of a different person. A gallery is seldom a
            sample of mankind: its people often share age, sex and origin, and are more alike than ``faces``. So each
            group's own pairs weigh as much as all pairs of ``faces``.

    Returns:
        ``calibration``, the similarity that different people reach at each false match rate for which there are enough
        pairs, and ``genuine``, the similarity that a share of the pairs of one person's photos stays below.
    """
    rows = sample(faces.people)
    people = np.unique([faces.people[row] for row in rows], return_inverse=True)[1]
    impostors, genuine = compared(embedder.embed(faces.crops[rows]), people)
    groups = [] if strangers is None else pairs_of_adults(strangers, embedder.embed(strangers.crops))
    return quantiles(impostors, genuine, groups)


def quantiles(
    impostors: NDArray[np.float32], genuine: NDArray[np.float32], groups: Sequence[NDArray[np.float32]] = ()
) -> tuple[dict[str, float], dict[str, float]]:
    """Compute what :func:`measure` returns from similarities.

    Args:
        impostors: similarities of all pairs of different people, each pair twice.
        genuine: similarities of all pairs of one person's photos.
        groups: similarities of the pairs within each group, which weigh as much as all ``impostors``.
    """
    fmrs = np.array([fmr for fmr in FMRS if fmr * len(impostors) / 2 >= 1])
    reached = np.quantile(impostors, 1 - fmrs)
    if groups:
        mixed = _mixed_quantiles([impostors, *groups], fmrs)
        sure = fmrs >= RAREST_IN_GROUPS
        lift = (mixed - reached)[sure][-1:]
        reached = np.where(sure, mixed, reached + (lift if len(lift) else 0))
    kept = np.quantile(genuine, SHARES)
    return _by_share(fmrs.tolist(), reached.tolist()), _by_share(SHARES, kept.tolist())


def _mixed_quantiles(sets: Sequence[NDArray[np.float32]], fmrs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Similarity that each share reaches of a mixture in which all sets weigh the same."""
    values = np.concatenate(sets)
    weights = np.concatenate([np.full(len(of_set), 1 / len(of_set)) for of_set in sets])
    order = np.argsort(-values)
    passed = np.cumsum(weights[order]) / len(sets)
    return np.asarray(values[order[np.minimum(np.searchsorted(passed, fmrs), len(order) - 1)]], np.float64)


def _by_share(shares: list[float] | tuple[float, ...], similarities: list[float]) -> dict[str, float]:
    return {f"{share:g}": round(similarity, 4) for share, similarity in zip(shares, similarities, strict=True)}
