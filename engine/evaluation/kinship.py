"""Resemblance of relatives, in sets with names like Families in the Wild's: ``F0001_MID2`` is family 1, member 2."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from niteru.engine import Vectors
from niteru.engine.embedding.pooling import robust_mean
from niteru.engine.evaluation.verification import auc, roc_curve

_MEMBER = re.compile(r"(F\d+)_MID\d+")


def family_of(person: str) -> str:
    """Family in a person's name, or the whole name if it has none.

    Example:
        >>> family_of("F0001_MID2"), family_of("Ada Lovelace")
        ('F0001', 'Ada Lovelace')
    """
    member = _MEMBER.fullmatch(person)
    return member[1] if member else person


def relatives(vectors: Vectors, people: list[str]) -> dict[str, Any] | None:
    """Measure how near relatives are to each member of a family, among all members of all families.

    A person is the robust mean of the photos. Spouses count as relatives, since the names do not tell; blood relatives
    alone would give higher figures.

    Args:
        vectors: unit vectors, float32 (n, dimension).
        people: name of each face's person.

    Returns:
        ``people``, the number of probes; ``auc`` of pairs of relatives against pairs of strangers; ``rank``, the median
        rank of the nearest relative; ``recall_at_10``, how often that rank is ten or better. None without families.
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
