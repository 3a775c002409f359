"""How often strangers of one group of people are taken for one another.

A threshold that lets one pair of strangers in a thousand pass, measured on whatever people a set has most of, may let
one in ten pass among people it has few of. Here thresholds come from some given people, and are held against groups in
which every picture shows another person.
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
"""Pictures that half of the groups must have: people's own folders have fewer, and a hundred pairs tell nothing."""
WORST = 24
"""Pairs of a group to be looked at."""
_MINORS = re.compile(r"(?i)\b(bab(y|ies)|infants?|toddlers?|child(ren)?|kids?|teen(s|agers?)?|minors?)\b")


class NotStrangers(Failure):
    """A folder said to be of strangers that is one of people."""


class TooFewPairs(Failure):
    """Too few people to set thresholds by."""


@dataclass(frozen=True, slots=True)
class Group:
    """What became of a group.

    Attributes:
        name: of its folder.
        pictures, pairs: how many.
        passing: share of the pairs that reach each threshold, by its false match rate: ``{"0.001": 0.02, …}``.
        worst: rows of the most alike pairs and their similarity, the most alike first.
    """

    name: str
    pictures: int
    pairs: int
    passing: dict[str, float]
    worst: list[tuple[int, int, float]]

    @property
    def adult(self) -> bool:
        """Whether it is of grown-ups, by its name: children and babies are told apart worse by every network."""
        return of_adults(self.name)

    def to_dict(self) -> dict[str, Any]:
        """For programs."""
        return {"pictures": self.pictures, "pairs": self.pairs, "adult": self.adult, "passing": self.passing}


def of_adults(name: str) -> bool:
    """Whether a group is of grown-ups, by its name."""
    return not _MINORS.search(re.sub(r"[-_]", " ", name))


def group_of(ref: str) -> str:
    """The folder of a picture, "all" where it lies in none."""
    return ref.rpartition("/")[0] or "all"


def thresholds(vectors: Vectors, people: list[str]) -> dict[float, float]:
    """The similarity that different people reach at each of :data:`FMRS` that so many pairs can tell.

    Args:
        vectors: of labelled people, unit, float32 (n, dimension).
        people: the person of each.

    Raises:
        TooFewPairs: not even the largest rate can be told.
    """
    rows = sample(people)
    numbers = np.unique([people[row] for row in rows], return_inverse=True)[1]
    impostors, _ = compared(vectors[rows], numbers)
    found = {fmr: threshold_at(impostors, fmr) for fmr in FMRS}
    told = {fmr: threshold for fmr, threshold in found.items() if threshold is not None}
    if not told:
        raise TooFewPairs(
            f"{len(impostors) // 2} pairs of different people's photos to set thresholds by; at least "
            f"{1 / max(FMRS):.0f} are needed"
        )
    return told


def measure_groups(strangers: CropSet, vectors: Vectors, at: dict[float, float]) -> list[Group]:
    """Hold the thresholds against every group, the worst first.

    Args:
        strangers: pictures that each show another person, a folder a group.
        vectors: of each, unit, float32 (n, dimension).
        at: thresholds by false match rate.

    Raises:
        NotStrangers: the folder is one of people.
    """
    names = np.array([group_of(ref) for ref in strangers.refs])
    check_strangers(names)
    groups = [_measured(str(name), np.flatnonzero(names == name), vectors, at) for name in np.unique(names)]
    middle = f"{sorted(at, reverse=True)[min(1, len(at) - 1)]:g}"
    return sorted(groups, key=lambda group: -group.passing[middle])


def worst_adults(groups: list[Group]) -> dict[str, float] | None:
    """The largest share among the groups of adults at each false match rate; None where there are none."""
    adults = [group.passing for group in groups if group.adult]
    return {fmr: max(passing[fmr] for passing in adults) for fmr in adults[0]} if adults else None


def check_strangers(groups: NDArray[np.str_]) -> None:
    """Refuse a folder of people.

    Raises:
        NotStrangers: half of the folders have fewer than 20 pictures, as people's have.
    """
    counts = np.unique(groups, return_counts=True)[1]
    if np.median(counts) < FEWEST:
        raise NotStrangers(
            f"{len(counts)} folders, half of them with {int(np.median(counts))} pictures or fewer: that looks like one "
            "folder a person. Strangers come in groups of twenty pictures or more, each of another person; to measure "
            "people, leave --strangers out"
        )


def pairs_of_adults(strangers: CropSet, vectors: Vectors) -> list[NDArray[np.float32]]:
    """Similarities of all pairs within each group of adults.

    Args:
        strangers: pictures that each show another person, a folder a group.
        vectors: of each, unit, float32 (n, dimension).

    Raises:
        NotStrangers: the folder is one of people.
    """
    names = np.array([group_of(ref) for ref in strangers.refs])
    check_strangers(names)
    return [_pairs(vectors[names == name])[2] for name in np.unique(names) if of_adults(str(name))]


def _pairs(vectors: Vectors) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Rows of all pairs, and their similarities."""
    first, second = np.triu_indices(len(vectors), 1)
    return first, second, (vectors @ vectors.T)[first, second]


def _measured(name: str, rows: NDArray[np.int64], vectors: Vectors, at: dict[float, float]) -> Group:
    first, second, pairs = _pairs(vectors[rows])
    passing = {f"{fmr:g}": round(float((pairs >= one).mean()), 6) if len(pairs) else 0.0 for fmr, one in at.items()}
    most = np.argsort(-pairs)[:WORST]
    worst = [(int(rows[first[i]]), int(rows[second[i]]), float(pairs[i])) for i in most]
    return Group(name, len(rows), len(pairs), passing, worst)
