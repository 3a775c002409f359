"""Agreement of groups of faces with the people they show, face by face and pair by pair.

B-cubed asks each face how many of its group are its person (precision), and how many of its person are in its group
(recall), and averages over faces; a person with many photos does not drown the others as among pairs. Of the measures
that are common it alone sees that a group is mixed, that a person is split, and that leftovers are thrown together:
Bagga and Baldwin (1998), Entity-based cross-document coreferencing; Amigó, Gonzalo, Artiles and Verdejo (2009), A
comparison of extrinsic clustering evaluation metrics, Information Retrieval 12.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well groups agree with people.

    Attributes:
        precision, recall, f1: B-cubed.
        pair_precision, pair_recall, pair_f1: of pairs of faces in one group, and of pairs of one person.
        groups, people: their numbers.
    """

    precision: float
    recall: float
    f1: float
    pair_precision: float
    pair_recall: float
    pair_f1: float
    groups: int
    people: int

    def to_dict(self) -> dict[str, Any]:
        """The figures, for JSON."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def compare_groups(groups: NDArray[Any], people: NDArray[Any]) -> Agreement:
    """Compare groups with people.

    Args:
        groups: name or number of each face's group, (n,).
        people: name or number of each face's person, (n,).

    Raises:
        ValueError: there is no face, or one array is longer than the other.

    Example:
        >>> groups, people = np.array([1, 1, 1, 2]), np.array(["Ada", "Ada", "Alan", "Ada"])
        >>> found = compare_groups(groups, people)
        >>> round(found.precision, 3), round(found.recall, 3), round(found.pair_precision, 3), found.groups
        (0.667, 0.667, 0.333, 2)
    """
    if len(groups) != len(people) or not len(groups):
        raise ValueError(f"{len(groups)} groups and {len(people)} people; one of each for every face is needed")
    group = np.unique(groups, return_inverse=True)[1].astype(np.int64)
    names, person = np.unique(people, return_inverse=True)
    cells, both = np.unique(group * len(names) + person, return_counts=True)
    in_group, of_person = np.bincount(group), np.bincount(person)
    precision = float((both * both / in_group[cells // len(names)]).sum() / len(groups))
    recall = float((both * both / of_person[cells % len(names)]).sum() / len(groups))
    right = _pairs(both)
    pair_precision, pair_recall = _share(right, _pairs(in_group)), _share(right, _pairs(of_person))
    return Agreement(
        precision,
        recall,
        _f1(precision, recall),
        pair_precision,
        pair_recall,
        _f1(pair_precision, pair_recall),
        len(in_group),
        len(of_person),
    )


def _pairs(sizes: NDArray[np.int64]) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _share(part: int, whole: int) -> float:
    """Share of a whole; of nothing, nothing is wrong."""
    return part / whole if whole else 1.0


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
