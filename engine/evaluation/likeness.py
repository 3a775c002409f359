"""Agreement of a model with what people say of likeness: by pairs, by triplets, by named doubles."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.embedding.pooling import robust_mean
from niteru.engine.evaluation.photo_bootstrap import confidence, median, spearman

RECALLS = (1, 10, 100)
CHANCE_OF_THREE = 1 / 3


def of_pairs(vectors: Vectors, pairs: NDArray[np.int64], scores: NDArray[np.float64]) -> dict[str, Any]:
    """Rank correlation of similarities and scores.

    Args:
        vectors: unit vectors of the photos, float32 (photos, dimension).
        pairs: rows of the two photos of each judgement, int (n, 2).
        scores: how alike people find them, float64 (n,).

    Returns:
        ``spearman`` and its 95 % interval ``from``, ``to`` over photos; None where all are alike.
    """
    alike = np.einsum("ij,ij->i", vectors[pairs[:, 0]], vectors[pairs[:, 1]]).astype(np.float64)
    rho = spearman(alike, scores, np.ones(len(scores)))
    return _figure("spearman", rho, confidence(lambda weights: spearman(alike, scores, weights), pairs))


def of_triplets(vectors: Vectors, triplets: NDArray[np.int64], odd: NDArray[np.int64]) -> dict[str, Any]:
    """Share of the judgements in which the two that are left are the most similar two.

    Args:
        vectors: unit vectors of the photos, float32 (photos, dimension).
        triplets: rows of the three photos of each judgement, int (n, 3).
        odd: place of the photo that was left out, 0 to 2, int (n,).

    Returns:
        ``agreement`` and its interval, ``chance``, and ``judges``, see :func:`_judges`.
    """
    a, b, c = (vectors[triplets[:, place]] for place in range(3))
    without = np.stack([np.einsum("ij,ij->i", *two) for two in ((b, c), (a, c), (a, b))], axis=1)
    right = (without.argmax(axis=1) == odd).astype(np.float64)
    interval = confidence(lambda weights: float(np.average(right, weights=weights)), triplets)
    figures = _figure("agreement", float(right.mean()), interval)
    return {**figures, "chance": round(CHANCE_OF_THREE, 4), "judges": _judges(triplets, odd, right)}


def _judges(
    triplets: NDArray[np.int64], odd: NDArray[np.int64], right: NDArray[np.float64]
) -> dict[str, float | int] | None:
    """Agreement of the judges on triplets that several of them saw, and the model's on the same; None without such.

    ``one_another`` is the chance that two judges of a triplet choose alike, ``most`` the share of the choice that is
    made most often: no answer that is the same for everybody can agree with more.
    """
    chosen: dict[tuple[int, ...], list[int]] = defaultdict(list)
    places: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for place, (three, out) in enumerate(zip(triplets.tolist(), odd.tolist(), strict=True)):
        chosen[tuple(sorted(three))].append(three[out])
        places[tuple(sorted(three))].append(place)
    several = [three for three, choices in chosen.items() if len(choices) > 1]
    if not several:
        return None
    alike = [np.mean([one == other for one, other in combinations(chosen[three], 2)]) for three in several]
    most = [max(map(chosen[three].count, set(chosen[three]))) for three in several]
    judgements = sum(len(chosen[three]) for three in several)
    return {
        "triplets": len(several),
        "judgements": judgements,
        "one_another": round(float(np.mean(alike)), 4),
        "most": round(sum(most) / judgements, 4),
        "model": round(float(np.concatenate([right[places[three]] for three in several]).mean()), 4),
    }


class Likened:
    """People with their photos, to look doubles up among them.

    Args:
        vectors: unit vectors of the photos, float32 (n, dimension).
        people: name of each one's person.
    """

    def __init__(self, vectors: Vectors, people: list[str]) -> None:
        order = np.argsort(people, kind="stable")
        names, starts = np.unique(np.array(people)[order], return_index=True)
        self.vectors, self.starts = vectors[order], starts
        self.rows = {str(name): row for row, name in enumerate(names)}
        self.means = np.stack([robust_mean(faces) for faces in np.split(self.vectors, starts[1:])])

    def rank(self, probe: str | NDArray[np.float32], double: str, own: str | None = None) -> int:
        """Rank, from 1, of a double among everybody but the probe's own person.

        Args:
            probe: a name, compared by means of all photos; or a vector, compared with the nearest photo of each.
            double: name of the double.
            own: name of the vector's person, if they are here.
        """
        if isinstance(probe, str):
            alike, own = self.means @ self.means[self.rows[probe]], probe
        else:
            alike = np.maximum.reduceat(self.vectors @ probe, self.starts)
        nearer = alike > alike[self.rows[double]]
        if own in self.rows:
            nearer[self.rows[own]] = False
        return 1 + int(nearer.sum())


def of_ranks(ranks: NDArray[np.int64], things: NDArray[np.int64], among: int) -> dict[str, Any]:
    """Median rank and recall of doubles.

    Args:
        ranks: of each double, from 1, int (n,).
        things: numbers of each probe and its double, for the interval, int (n, 2).
        among: number of people who could have been named.

    Returns:
        ``median_rank`` and ``recall_at_1``, ``_10``, ``_100``, each with its interval, and by chance.
    """
    floats, equal = ranks.astype(np.float64), np.ones(len(ranks))
    interval = confidence(lambda weights: median(floats, weights), things)
    figures = {"among": among, **_figure("median_rank", median(floats, equal), interval)}
    figures["median_rank_by_chance"] = (among + 1) / 2
    for most in RECALLS:
        found = (ranks <= most).astype(np.float64)
        interval = confidence(lambda weights, found=found: float(np.average(found, weights=weights)), things)  # type: ignore[misc]
        figures |= _figure(f"recall_at_{most}", float(found.mean()), interval)
        figures[f"recall_at_{most}_by_chance"] = round(min(most / max(among, 1), 1.0), 4)
    return figures


def _figure(name: str, value: float, interval: tuple[float, float] | None) -> dict[str, Any]:
    """A figure and the ends of its interval, rounded; None for what cannot be told."""
    low, high = interval or (None, None)
    known = {name: value if np.isfinite(value) else None, f"{name}_from": low, f"{name}_to": high}
    return {key: None if one is None else round(float(one), 4) for key, one in known.items()}
