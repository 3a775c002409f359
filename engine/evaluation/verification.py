"""Verification: how well similarities tell genuine pairs from impostor pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Similarities = NDArray[np.float32]
Truth = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RocCurve:
    """True accept rate against false accept rate, both rising from 0 to 1."""

    far: NDArray[np.float64]
    tar: NDArray[np.float64]


def best_threshold(similarities: Similarities, genuine: Truth) -> float:
    """Similarity from which calling a pair genuine is right most often.

    Args:
        similarities: similarity of each pair, shape (n,).
        genuine: whether each pair is genuine, bool (n,).
    """
    order = np.argsort(similarities)[::-1]
    ranked, truth = similarities[order], genuine[order]
    # Accepting the first i pairs is right for the genuine ones among them and for the impostors after them.
    right = np.concatenate([[0], np.cumsum(truth)]) + np.concatenate([np.cumsum(~truth[::-1])[::-1], [0]])
    # Equal similarities are accepted or rejected together: a cut is possible only between different ones.
    cuts = np.concatenate([[True], ranked[1:] != ranked[:-1], [True]])
    best = int(np.argmax(np.where(cuts, right, -1)))
    if best == 0:
        return float(ranked[0]) + 1e-6
    if best == len(ranked):
        return float(ranked[-1])
    return (float(ranked[best - 1]) + float(ranked[best])) / 2


def fold_accuracies(similarities: Similarities, genuine: Truth, folds: NDArray[np.int64]) -> NDArray[np.float64]:
    """Accuracy of each fold at the best threshold of all the others, as LFW prescribes.

    Args:
        similarities: similarity of each pair, shape (n,).
        genuine: whether each pair is genuine, bool (n,).
        folds: fold of each pair, shape (n,), at least two different ones.
    """
    accuracies = []
    for fold in np.unique(folds):
        test = folds == fold
        threshold = best_threshold(similarities[~test], genuine[~test])
        accuracies.append(np.mean((similarities[test] >= threshold) == genuine[test]))
    return np.array(accuracies)


def roc_curve(similarities: Similarities, genuine: Truth) -> RocCurve:
    """Both rates at every threshold that makes a difference, from (0, 0) to (1, 1).

    Args:
        similarities: similarity of each pair, shape (n,).
        genuine: whether each pair is genuine, bool (n,).

    Example:
        >>> curve = roc_curve(np.float32([0.9, 0.7, 0.5, 0.1]), np.array([True, False, True, False]))
        >>> curve.far.tolist(), curve.tar.tolist()
        ([0.0, 0.0, 0.5, 0.5, 1.0], [0.0, 0.5, 0.5, 1.0, 1.0])
        >>> auc(curve)
        0.75
    """
    order = np.argsort(similarities)[::-1]
    ranked, truth = similarities[order], genuine[order]
    last = np.append(ranked[1:] != ranked[:-1], True)
    tar = np.cumsum(truth)[last] / max(1, truth.sum())
    far = np.cumsum(~truth)[last] / max(1, (~truth).sum())
    return RocCurve(np.insert(far, 0, 0.0), np.insert(tar, 0, 0.0))


def curve_of(impostors: Similarities, genuine: Similarities) -> RocCurve:
    """Curve of the similarities of impostor pairs and of genuine pairs."""
    truth = np.repeat([False, True], [len(impostors), len(genuine)])
    return roc_curve(np.concatenate([impostors, genuine]), truth)


def auc(curve: RocCurve) -> float:
    """Area under the curve: the probability that a genuine pair is more alike than an impostor pair."""
    return float(np.trapezoid(curve.tar, curve.far))


def tar_at_far(curve: RocCurve, far: float) -> float:
    """Largest true accept rate whose false accept rate does not exceed ``far``.

    Example:
        >>> curve = roc_curve(np.float32([0.9, 0.7, 0.5, 0.1]), np.array([True, False, True, False]))
        >>> tar_at_far(curve, 0.1), tar_at_far(curve, 0.5)
        (0.5, 1.0)
    """
    return float(curve.tar[curve.far <= far + 1e-12].max())
