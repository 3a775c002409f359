"""Experiment: the first recommender, which gives five points to the nearest person, four to the next."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.pooling import robust_mean
from niteru.engine.evaluation.kinship import family_of
from niteru.engine.training.lab.findings import Findings, Table
from niteru.engine.training.lab.lab import Lab, percent

POINTS = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
Scores = NDArray[np.floating]


def run(lab: Lab, findings: Findings) -> None:
    """Compare rank votes, best faces and medians on the same vectors, on relatives and on held-out photos."""
    some = lab.people(lab.amount(200, 12), 8 if lab.faces is None else 4, lab.amount(20, 12))
    number, photos = some.crops.shape[:2]
    vectors = Embedder().embed(some.crops.reshape(-1, *some.crops.shape[2:])).reshape(number, photos, -1)
    kin = related(some.names, some.drawn)
    rows = [
        [name, *relatives(between(vectors), kin), percent(left_out(vectors, scores_of))]
        for name, (between, scores_of) in WAYS.items()
    ]
    findings.data = f"{some}, {int(kin.any(axis=1).sum())} with a relative among them."
    columns = ["way", "a relative comes first", "in the first 5 %", "a photo's own person comes first"]
    findings.tables.append(Table("The same vectors, three ways", columns, rows))


def by_vote(vectors: Vectors) -> Scores:
    """Points that each person's photos give to every other person, by their nearest face, (p, p)."""
    number, photos, _ = vectors.shape
    scores = np.zeros((number, number))
    for one in range(number):
        best = np.einsum("ad,bpd->abp", vectors[one], vectors).max(axis=2)
        best[:, one] = -9
        order = np.argsort(-best, axis=1)[:, : len(POINTS)]
        np.add.at(scores[one], order.ravel(), np.tile(POINTS, photos))
    return scores


def by_faces(vectors: Vectors) -> Scores:
    """Cosine of the two most alike faces of every two people, (p, p)."""
    return np.stack([np.einsum("ad,bpd->bap", mine, vectors).max(axis=(1, 2)) for mine in vectors])


def by_medians(vectors: Vectors) -> Scores:
    """Cosine of the medians of every two people, (p, p)."""
    means = np.stack([robust_mean(own) for own in vectors])
    return np.asarray(means @ means.T)


def vote_of(probe: Vectors, others: Vectors) -> Scores:
    """Points of each person by the five faces nearest to one photo."""
    cosines = others @ probe
    nearest = np.argsort(-cosines.ravel())[: len(POINTS)]
    scores = np.zeros(len(others))
    np.add.at(scores, nearest // others.shape[1], POINTS)
    return scores


WAYS: dict[str, tuple[Callable[[Vectors], Scores], Callable[[Vectors, Vectors], Scores]]] = {
    "points by rank": (by_vote, vote_of),
    "the most alike faces": (by_faces, lambda probe, others: (others @ probe).max(axis=1)),
    "medians": (by_medians, lambda probe, others: np.stack([robust_mean(own) for own in others]) @ probe),
}


def related(names: list[str], drawn: bool) -> NDArray[np.bool_]:
    """Pairs of relatives, (p, p), by the numbers of drawn people or by family names."""
    if drawn:
        numbers = np.arange(len(names))  # every eighth person and the next are siblings
        families = np.where(numbers % 8 < 2, numbers // 8, 1_000_000 + numbers)
    else:
        families = np.unique([family_of(name) for name in names], return_inverse=True)[1]
    return np.asarray((families[:, None] == families[None]) & ~np.eye(len(names), dtype=bool))


def relatives(scores: Scores, kin: NDArray[np.bool_]) -> list[str]:
    """Shares of people for whom a relative comes first, and is in the first twentieth, as text."""
    asked = np.flatnonzero(kin.any(axis=1))
    if not len(asked):
        return ["–", "–"]
    scores = scores.astype(float).copy()
    np.fill_diagonal(scores, -np.inf)
    best = np.where(kin, scores, -np.inf).max(axis=1)
    places = (scores > best[:, None]).sum(axis=1)[asked]
    return [percent(float((places < most).mean())) for most in (1, max(1, round((len(kin) - 1) / 20)))]


def left_out(vectors: Vectors, scores_of: Callable[[Vectors, Vectors], Scores]) -> float:
    """Share of the photos whose own person comes first when the photo itself is held out."""
    right = 0
    number, photos, _ = vectors.shape
    for photo in range(photos):
        others = np.delete(vectors, photo, axis=1)
        for one in range(number):
            right += int(scores_of(vectors[one, photo], others).argmax() == one)
    return float(right / (number * photos))
