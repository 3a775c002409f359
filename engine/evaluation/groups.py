"""Rate at which strangers of the same group are taken for one person.

A threshold that one pair of strangers in a thousand passes, measured on the people that a set has most of, may let one
in ten pass among people that it has few of. Here the thresholds come from given people and are applied to groups in
which every picture shows a different person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.evaluation.all_pairs import compared, sample, threshold_at
from niteru.engine.evaluation.crop_set import CropSet
from niteru.engine.failure import Failure

FMRS = (1e-2, 1e-3, 1e-4)
FEWEST = 20
"""Pictures that half of the groups must have: folders of single people have fewer, and a hundred pairs say nothing."""
WORST = 24
"""Pairs of a group to look at."""
_MINORS = re.compile(r"(?i)\b(bab(y|ies)|infants?|toddlers?|child(ren)?|kids?|teen(s|agers?)?|minors?)\b")


class NotStrangers(Failure):
    """A folder given as one of strangers has one folder for each person."""


class TooFewPairs(Failure):
    """There are too few people to set thresholds by."""


@dataclass(frozen=True, slots=True)
class Group:
    """The pairs of strangers in one group.

    Attributes:
        name: name of the group's folder.
        pictures, pairs: their numbers.
        passing: share of the pairs that reach each threshold, by its false match rate: ``{"0.001": 0.02, …}``.
        worst: the two rows and the similarity of the most alike pairs, the most alike first.
    """

    name: str
    pictures: int
    pairs: int
    passing: dict[str, float]
    worst: list[tuple[int, int, float]]

    @property
    def adult(self) -> bool:
        """Whether the group is one of adults, by its name: every network confuses children and babies more often."""
        return of_adults(self.name)

    def to_dict(self) -> dict[str, Any]:
        """The figures, for JSON."""
        return {"pictures": self.pictures, "pairs": self.pairs, "adult": self.adult, "passing": self.passing}


def of_adults(name: str) -> bool:
    """Whether a group is one of adults, by its name."""
    return not _MINORS.search(re.sub(r"[-_]", " ", name))


def group_of(ref: str) -> str:
    """The folder of a picture, or "all" if it is in none."""
    return ref.rpartition("/")[0] or "all"


def thresholds(vectors: Vectors, people: list[str]) -> dict[float, float]:
    """Similarity that different people reach at each of :data:`FMRS`, without those for which there are too few pairs.

    Args:
        vectors: unit vectors of labelled people, float32 (n, dimension).
        people: name of each one's person.

    Raises:
        TooFewPairs: there are too few pairs even for the largest rate.

    Example:
        >>> angles = np.radians([0, 10, 90, 100, 200, 210])  # three people with two photos each
        >>> vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
        >>> thresholds(vectors, ["Ada", "Ada", "Alan", "Alan", "Grace", "Grace"])
        Traceback (most recent call last):
        ...
        niteru.engine.evaluation.groups.TooFewPairs: 12 pairs of different people's photos to set thresholds by; at ...
        >>> many = np.tile(vectors, (20, 1))
        >>> found = thresholds(many, [f"{number}" for number in range(len(many))])
        >>> {fmr: round(similarity, 3) for fmr, similarity in found.items()}
        {0.01: 1.0, 0.001: 1.0}
    """
    rows = sample(people)
    numbers = np.unique([people[row] for row in rows], return_inverse=True)[1]
    impostors, _ = compared(vectors[rows], numbers)
    found = {fmr: threshold_at(impostors, fmr) for fmr in FMRS}
    measurable = {fmr: threshold for fmr, threshold in found.items() if threshold is not None}
    if not measurable:
        raise TooFewPairs(
            f"{len(impostors) // 2} pairs of different people's photos to set thresholds by; at least "
            f"{1 / max(FMRS):.0f} are needed"
        )
    return measurable


def measure_groups(strangers: CropSet, vectors: Vectors, at: dict[float, float]) -> list[Group]:
    """Apply the thresholds to every group, the worst first.

    Args:
        strangers: pictures that each show a different person, one folder for each group.
        vectors: their unit vectors, float32 (n, dimension).
        at: thresholds by false match rate.

    Raises:
        NotStrangers: the folder has one folder for each person.
    """
    names = np.array([group_of(ref) for ref in strangers.refs])
    check_strangers(names)
    groups = [_measured(str(name), np.flatnonzero(names == name), vectors, at) for name in np.unique(names)]
    middle = f"{sorted(at, reverse=True)[min(1, len(at) - 1)]:g}"
    return sorted(groups, key=lambda group: -group.passing[middle])


def worst_adults(groups: list[Group]) -> dict[str, float] | None:
    """Largest share among the groups of adults at each false match rate; None without such groups."""
    adults = [group.passing for group in groups if group.adult]
    return {fmr: max(passing[fmr] for passing in adults) for fmr in adults[0]} if adults else None


def check_strangers(groups: NDArray[np.str_]) -> None:
    """Refuse a folder that has one folder for each person.

    Raises:
        NotStrangers: half of the folders have fewer than 20 pictures, as those of single people have.
    """
    counts = np.unique(groups, return_counts=True)[1]
    if np.median(counts) < FEWEST:
        raise NotStrangers(
            f"{len(counts)} folders, half of them with {int(np.median(counts))} pictures or fewer: that looks like one "
            "folder for each person. A group of strangers has twenty pictures or more, each of a different person; to "
            "measure people, leave --strangers out"
        )


def pairs_of_adults(strangers: CropSet, vectors: Vectors) -> list[NDArray[np.float32]]:
    """Similarities of all pairs within each group of adults.

    Args:
        strangers: pictures that each show a different person, one folder for each group.
        vectors: their unit vectors, float32 (n, dimension).

    Raises:
        NotStrangers: the folder has one folder for each person.
    """
    names = np.array([group_of(ref) for ref in strangers.refs])
    check_strangers(names)
    return [_pairs(vectors[names == name])[2] for name in np.unique(names) if of_adults(str(name))]


def _pairs(vectors: Vectors) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Both rows of all pairs, and their similarities."""
    first, second = np.triu_indices(len(vectors), 1)
    return first, second, (vectors @ vectors.T)[first, second]


def _measured(name: str, rows: NDArray[np.int64], vectors: Vectors, at: dict[float, float]) -> Group:
    first, second, pairs = _pairs(vectors[rows])
    passing = {f"{fmr:g}": round(float((pairs >= one).mean()), 6) if len(pairs) else 0.0 for fmr, one in at.items()}
    most = np.argsort(-pairs)[:WORST]
    worst = [(int(rows[first[i]]), int(rows[second[i]]), float(pairs[i])) for i in most]
    return Group(name, len(rows), len(pairs), passing, worst)
