"""What a model's similarities mean: measured on labelled people it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.all_pairs import compared, sample
from engine.crop_set import CropSet
from engine.embedder import Embedder
from engine.groups import pairs_of_adults

FMRS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001)
SHARES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9)


def measure(
    embedder: Embedder, faces: CropSet, strangers: CropSet | None = None
) -> tuple[dict[str, float], dict[str, float]]:
    """Embed the faces, and compare all with all.

    Args:
        embedder: the model.
        faces: of at least two people, one of them with two photos.
        strangers: groups of adults, a folder each, every picture of another person. A gallery is seldom a sample of
            mankind: its people are often of one age, sex and origin, and more alike than ``faces`` are. So each
            group's own pairs weigh as much as all pairs of ``faces``.

    Returns:
        ``calibration``: the similarity that different people reach at each false match rate that so many pairs can
        tell. ``genuine``: the similarity that a share of the pairs of one person's photos stays below.
    """
    rows = sample(faces.people)
    people = np.unique([faces.people[row] for row in rows], return_inverse=True)[1]
    impostors, genuine = compared(embedder.embed(faces.crops[rows]), people)
    groups = [] if strangers is None else pairs_of_adults(strangers, embedder.embed(strangers.crops))
    return quantiles([impostors, *groups], genuine)


def quantiles(
    impostors: Sequence[NDArray[np.float32]], genuine: NDArray[np.float32]
) -> tuple[dict[str, float], dict[str, float]]:
    """What :func:`measure` returns, from the similarities of several sets of impostors, each weighing the same."""
    told = [fmr for fmr in FMRS if fmr * sum(map(len, impostors)) / 2 >= 1]
    values = np.concatenate(impostors)
    weights = np.concatenate([np.full(len(of_set), 1 / len(of_set)) for of_set in impostors])
    order = np.argsort(-values)
    passed = np.cumsum(weights[order]) / len(impostors)
    places = np.minimum(np.searchsorted(passed, told), len(order) - 1)
    kept = np.quantile(genuine, SHARES)
    return _by_share(told, values[order[places]].tolist()), _by_share(SHARES, kept.tolist())


def _by_share(shares: list[float] | tuple[float, ...], similarities: list[float]) -> dict[str, float]:
    return {f"{share:g}": round(similarity, 4) for share, similarity in zip(shares, similarities, strict=True)}
