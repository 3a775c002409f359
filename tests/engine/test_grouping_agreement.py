"""Agreement of groups with people, by values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from niteru.engine.evaluation.grouping import Agreement, compare_groups


def compared(groups: str, people: str) -> Agreement:
    return compare_groups(np.array(list(groups)), np.array(list(people)))


def test_groups_that_are_people_are_right() -> None:
    found = compared("xxyyz", "aabbc")
    assert (found.precision, found.recall, found.f1) == (1, 1, 1)
    assert (found.pair_precision, found.pair_recall, found.pair_f1) == (1, 1, 1)
    assert (found.groups, found.people) == (3, 3)


def test_a_stranger_in_a_group() -> None:
    """Three of a and one of b in x, two of b in y."""
    found = compared("xxxxyy", "aaabbb")
    assert found.precision == pytest.approx((3 * 3 / 4 + 1 / 4 + 2) / 6)
    assert found.recall == pytest.approx((3 + 1 / 3 + 2 * 2 / 3) / 6)
    assert found.pair_precision == pytest.approx((3 + 0 + 1) / (6 + 1))
    assert found.pair_recall == pytest.approx((3 + 1) / (3 + 3))
    assert found.pair_f1 == pytest.approx(2 * 4 / (7 + 6))
    assert found.f1 == pytest.approx(2 * found.precision * found.recall / (found.precision + found.recall))


def test_everybody_alone_is_pure() -> None:
    found = compared("wxyz", "aabc")
    assert (found.precision, found.pair_precision) == (1, 1)
    assert found.recall == pytest.approx((2 / 2 + 2) / 4)
    assert (found.pair_recall, found.pair_f1) == (0, 0)


def test_everybody_in_one_group_is_complete() -> None:
    found = compared("xxxx", "aaab")
    assert found.precision == pytest.approx((9 + 1) / 16)
    assert (found.recall, found.pair_recall) == (1, 1)
    assert found.pair_precision == pytest.approx(3 / 6)


def test_names_of_groups_and_people_do_not_matter() -> None:
    groups, people = np.array([7, 7, -1, 3]), np.array(["b", "a", "a", "b"])
    assert compare_groups(groups, people) == compared("xxyz", "jiij")


def test_one_of_each_is_needed_for_every_face() -> None:
    with pytest.raises(ValueError, match="3 groups and 2 people"):
        compare_groups(np.zeros(3), np.zeros(2))
    with pytest.raises(ValueError, match="0 groups"):
        compare_groups(np.zeros(0), np.zeros(0))
