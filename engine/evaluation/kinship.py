"""Do relatives look alike? Names like those of Families in the Wild tell: ``F0001_MID2`` is family 1, member 2."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from niteru.engine import Vectors
from niteru.engine.embedding.pooling import robust_mean
from niteru.engine.evaluation.verification import auc, roc_curve

_MEMBER = re.compile(r"(F\d+)_MID\d+")


def family_of(person: str) -> str:
    """The family a person's name speaks of; the name itself where it speaks of none."""
    member = _MEMBER.fullmatch(person)
    return member[1] if member else person


def relatives(vectors: Vectors, people: list[str]) -> dict[str, Any] | None:
    """Probe with one person, look for the relatives among everybody else of the families.

    A person is the robust mean of the photos. Spouses count as relatives: the names do not tell them apart, so the
    figures are lower than blood would give.

    Args:
        vectors: unit vectors, float32 (n, dimension).
        people: name of each face's person.

    Returns:
        ``people`` probed; ``auc`` of pairs of relatives against pairs of strangers; ``rank``, the median place of the
        nearest relative; ``recall_at_10``, how often that place is ten or better. None without families.
    """
    members = sorted({name for name in people if _MEMBER.fullmatch(name)})
    names = np.array(people)
    families = np.array([family_of(name) for name in members])
    if len(set(families)) < 2 or len(set(families)) == len(families):
        return None
    means = np.stack([robust_mean(vectors[names == name]) for name in members])
    similarity = means @ means.T
    related = families[:, None] == families
    np.fill_diagonal(related, False)
    np.fill_diagonal(similarity, -2)
    pairs = np.triu_indices(len(members), 1)
    best = np.where(related, similarity, -2).max(axis=1)
    probed = related.any(axis=1)
    ranks = 1 + (similarity > best[:, None]).sum(axis=1)[probed]
    return {
        "people": int(probed.sum()),
        "auc": round(float(auc(roc_curve(similarity[pairs], related[pairs]))), 4),
        "rank": float(np.median(ranks)),
        "recall_at_10": round(float((ranks <= 10).mean()), 4),
    }
