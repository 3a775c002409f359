"""Calibration: how rare a similarity of two faces is, measured on pairs of different people in the gallery.

Every rarity of two faces comes from :meth:`Calibration.rarity`; that of two people comes from their own scale,
:meth:`niteru.indexer.ask.resemblance.Scale.rarity`. :mod:`niteru.indexer.ask.rarity_in_words` puts both into words.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.embedding.pooling import robust_mean
from niteru.indexer.generations.tail import (
    LEAST,
    Tail,
    fit_beside,
    fit_exponential,
    fit_tail,
    meeting,
    similarity_beyond,
)

SAMPLED_PAIRS = 2_000_000
LEAST_PAIRS = 20_000
"""Impostor pairs below which a false match rate of 1e-3 would rest on too few cases."""
LEAST_PEOPLE = 20
"""People below which even thousands of pairs of photos are only a few pairs of people."""
LEAST_GENUINE = 20
FMRS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
"""False match rates of :meth:`Calibration.table`."""
_TAIL = 1e-3
_WELL_SEEN = 10
"""Pairs from which a share counts as measured; smaller shares are read off the fitted tail."""
_RAREST = 1e-8
_GENUINE_PAIRS = 200_000
_IN_A_GROUP = 16
"""Faces of a group that are all compared with those of another: a large gallery's pairs are drawn by such groups, for
reading the vectors of two million single pairs takes twenty times as long."""
_AVERAGED_PEOPLE = 2_048
_SHARES = np.concatenate([np.linspace(1, 0.1, 10), np.geomspace(0.1, 1e-6, 76)[1:]])


@dataclass(frozen=True)
class Calibration:
    """Curve of the share of impostor pairs, faces of different people, that reach a similarity.

    Attributes:
        source: ``gallery``, or ``model`` when the gallery has too few pairs to measure; the model's curve is then
            raised to meet those few, where they are more alike.
        pairs: number of impostor pairs that were measured.
        reach: the smallest share that was measured; beyond it the curve is a fitted tail.
        floor: the smallest rarity that is ever reported: one in the number of impostor pairs in the gallery.
        shares: descending from 1.
        similarities: what just that share of impostor pairs reaches, ascending.
        genuine: the 0 %, 1 %, … 100 % quantiles of the similarities of genuine pairs; may be empty.
        model: the model's own calibration, ``{share: similarity}``, measured on people outside the gallery.
        few: tail of the similarities in a gallery that is too small to be measured otherwise; None elsewhere.
        averages: tail of the similarities of two people's means, which lie further apart than those of single faces;
            None where too few people have several faces.
        spread: the model's own, by the blur of a photo, see :attr:`niteru.engine.embedding.embedder.ModelInfo.spread`.
    """

    source: str
    pairs: int
    reach: float
    floor: float
    shares: list[float]
    similarities: list[float]
    genuine: list[float]
    model: dict[str, float] = field(default_factory=dict)
    few: Tail | None = None
    averages: Tail | None = None
    spread: dict[str, float] = field(default_factory=dict)

    @staticmethod
    def from_json(text: str) -> Calibration:
        """Read what :meth:`to_json` wrote.

        Raises:
            ValueError, TypeError: it is something else.
        """
        content = json.loads(text)
        few, averages = (one and Tail(**one) for one in (content.pop("few", None), content.pop("averages", None)))
        return Calibration(**content, few=few, averages=averages)

    def to_json(self) -> str:
        """Write all of it as JSON."""
        return json.dumps(asdict(self))

    @cached_property
    def _curve(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return np.array(self.similarities), np.log(self.shares)

    def rarity(self, similarity: float) -> float:
        """Share of impostor pairs at least this similar, in (0, 1]; never below one in the gallery's impostor pairs.

        Example:
            >>> shipped = model_calibration({"0.01": 0.4, "0.0001": 0.6})    # one in 100 reaches .4, one in 10,000 .6
            >>> round(shipped.rarity(0.5), 6)
            0.001
        """
        similarities, log_shares = self._curve
        return max(float(np.exp(np.interp(similarity, similarities, log_shares))), self.floor)

    def similarity_at(self, share: float) -> float:
        """Similarity that just this share of impostor pairs reaches; the inverse of :meth:`rarity`."""
        similarities, log_shares = self._curve
        return float(np.interp(-np.log(share), -log_shares, similarities))

    def hardly_reached(self, share: float) -> float:
        """Similarity that no larger share of pairs of strangers reaches, by the gallery and by the model's own people.

        The gallery's people may be more alike than mankind; who asks may resemble none of them. So the higher of the
        two counts: infinity where neither of them reaches so far.
        """
        by_gallery = self.few.reached_by(share) if self.few else np.inf
        if self.source == "gallery" and share >= self.shares[-1]:
            by_gallery = self.similarity_at(share)
        return self._no_lower_than_the_models(by_gallery, share)

    def hardly_reached_by_averages(self, share: float) -> float:
        """The same for the means of several photos: infinity where too few people here have several."""
        if self.averages is None:
            return float("inf")
        return self._no_lower_than_the_models(self.averages.reached_by(share), share)

    def _no_lower_than_the_models(self, by_gallery: float, share: float) -> float:
        by_model = similarity_beyond(self.model, share)
        return max((one for one in (by_model, by_gallery) if one < np.inf), default=float("inf"))

    def missed(self, similarity: float) -> float | None:
        """Share of genuine pairs less similar than this; None if the gallery has too few of them."""
        if not self.genuine:
            return None
        return float(np.interp(similarity, self.genuine, np.linspace(0, 1, len(self.genuine)), 0.0, 1.0))

    def spread_of(self, blur: float | None = None) -> float:
        """How far one photo's similarities lie from those of all photos of its person, as a standard deviation.

        Args:
            blur: of the photo, see :func:`niteru.engine.faces.quality.blur_of`; None for a photo like most.

        Returns:
            The spread; infinity where the model does not say.
        """
        if not self.spread:
            return float("inf")
        blurs, spreads = self._spreads
        return float(spreads[0] if blur is None else np.interp(blur, blurs, spreads))

    @cached_property
    def _spreads(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        rows = np.array(sorted((float(blur), spread) for blur, spread in self.spread.items()))
        return rows[:, 0].copy(), rows[:, 1].copy()

    def table(self) -> list[dict[str, object]]:
        """Threshold for each of :data:`FMRS`, whether it was measured or fitted, and the genuine pairs it misses."""
        rows: list[dict[str, object]] = []
        for fmr in FMRS:
            similarity = self.similarity_at(fmr)
            missed = self.missed(similarity)
            rows.append(
                {
                    "fmr": fmr,
                    "similarity": round(similarity, 4),
                    "measured": fmr >= self.reach,
                    "missed": None if missed is None else round(missed, 4),
                }
            )
        return rows


def calibrate(vectors: Vectors, people: NDArray[np.int64], model: dict[str, float], seed: int = 0) -> Calibration:
    """Measure the impostor pairs of a gallery: all of them up to two million, a sample beyond.

    Args:
        vectors: float32 unit vectors, shape (n, dimension).
        people: ids of their people, shape (n,).
        model: the model's own calibration, ``{share: similarity}``, used when the gallery is too small.
        seed: of the sample.
    """
    similarities = np.sort(_impostor_similarities(vectors, people, seed))
    averages = _tail_of_averages(vectors, people, model, seed)
    if len(similarities) < LEAST_PAIRS or len(np.unique(people)) < LEAST_PEOPLE:
        few = fit_exponential(similarities, _TAIL) or fit_beside(model, similarities)
        return replace(_calibration_of_few(model, similarities), few=few, averages=averages)
    reach = min(_WELL_SEEN / len(similarities), 1.0)
    shares = np.append(_SHARES[reach < _SHARES], reach)
    ranks = np.minimum((1 - shares) * len(similarities), len(similarities) - 1).astype(int)
    reached = similarities[ranks].astype(float)
    tail = fit_tail(similarities, _TAIL)
    if tail is not None:
        beyond = np.geomspace(reach, _RAREST, 40)[1:]
        shares, reached = np.append(shares, beyond), np.append(reached, tail.similarity_at(beyond))
    else:
        shares, reached = np.append(shares, 1 / len(similarities)), np.append(reached, similarities[-1])
    # The curve is looked up by similarity, which must ascend strictly for the look-up to have one answer.
    reached = np.maximum.accumulate(reached) + np.arange(len(reached)) * 1e-9
    floor = 1 / _impostor_pairs(people)
    genuine = _genuine_similarities(vectors, people, seed)
    quantiles = np.quantile(genuine, np.linspace(0, 1, 101)) if len(genuine) >= LEAST_GENUINE else np.empty(0)
    return Calibration(
        "gallery",
        len(similarities),
        reach,
        floor,
        shares.tolist(),
        reached.tolist(),
        quantiles.tolist(),
        model,
        averages=averages,
    )


def model_calibration(model: dict[str, float]) -> Calibration:
    """Calibration that comes with the model, measured on people outside every gallery."""
    known = sorted(((float(share), similarity) for share, similarity in model.items()), reverse=True)
    shares, similarities = zip(*((1.0, -1.0), *known), strict=True)
    return Calibration("model", 0, shares[-1], shares[-1], list(shares), list(similarities), [], dict(model))


def _calibration_of_few(model: dict[str, float], similarities: NDArray[np.float32]) -> Calibration:
    """The model's calibration, raised to meet the few pairs of a gallery where they are more alike.

    A few pairs cannot show that people are less alike than mankind, so that nothing gets rarer by them.
    """
    met = meeting(model, similarities)
    curve = {share: max(similarity, met.get(share, similarity)) for share, similarity in model.items()}
    return replace(model_calibration(curve), model=dict(model))


def _tail_of_averages(vectors: Vectors, people: NDArray[np.int64], model: dict[str, float], seed: int) -> Tail | None:
    """Tail of the similarities of the means of up to 2,048 people with several faces each."""
    order = np.argsort(people, kind="stable")
    _, starts, counts = np.unique(people[order], return_index=True, return_counts=True)
    several = np.random.default_rng(seed).permutation(np.flatnonzero(counts > 1))[:_AVERAGED_PEOPLE]
    if not len(several):
        return None
    means = np.stack([robust_mean(vectors[order[starts[one] : starts[one] + counts[one]]]) for one in several.tolist()])
    similarities = np.sort((means @ means.T)[np.triu_indices(len(several), 1)])
    far_enough = len(similarities) * _TAIL >= LEAST
    return (fit_exponential(similarities, _TAIL) if far_enough else None) or fit_beside(model, similarities)


def _impostor_pairs(people: NDArray[np.int64]) -> int:
    """Number of pairs of faces of different people."""
    _, counts = np.unique(people, return_counts=True)
    return (len(people) * (len(people) - 1) - int((counts * (counts - 1)).sum())) // 2


def _genuine_similarities(vectors: Vectors, people: NDArray[np.int64], seed: int) -> NDArray[np.float32]:
    """Similarities of genuine pairs: each face with the next of its person, then the one after, … up to a limit."""
    order = np.random.default_rng(seed).permutation(len(people))
    order = order[np.argsort(people[order], kind="stable")]
    parts: list[NDArray[np.float32]] = []
    for apart in range(1, len(order)):
        first, second = order[:-apart], order[apart:]
        same = people[first] == people[second]
        if not same.any() or sum(len(part) for part in parts) >= _GENUINE_PAIRS:
            break
        pairs = np.flatnonzero(same)
        if len(pairs) > _GENUINE_PAIRS:
            pairs = np.sort(np.random.default_rng(seed).choice(pairs, _GENUINE_PAIRS, replace=False))
        parts.append(np.einsum("ij,ij->i", vectors[first[pairs]], vectors[second[pairs]]))
    return np.concatenate(parts) if parts else np.empty(0, np.float32)


def _impostor_similarities(vectors: Vectors, people: NDArray[np.int64], seed: int) -> NDArray[np.float32]:
    n = len(vectors)
    if n * (n - 1) // 2 <= SAMPLED_PAIRS:
        first, second = np.triu_indices(n, 1)
        similarities = (vectors @ vectors.T)[first, second] if n else np.empty(0, np.float32)
    else:
        groups = SAMPLED_PAIRS // _IN_A_GROUP**2
        ones, others = np.random.default_rng(seed).integers(0, n, (2, groups, _IN_A_GROUP))
        similarities = (vectors[ones] @ vectors[others].transpose(0, 2, 1)).ravel()
        first, second = np.repeat(ones, _IN_A_GROUP), np.tile(others, _IN_A_GROUP).ravel()
    return np.asarray(similarities[people[first] != people[second]], np.float32)
