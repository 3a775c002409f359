"""Average linkage, by drawings whose groups can be worked out by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from niteru.engine import Vectors
from niteru.indexer.naming.average_linkage import Tokens, joined
from niteru.indexer.naming.nearest_faces import nearest_pairs


def at(*degrees: float) -> Vectors:
    """Faces on a circle."""
    angles = np.radians(degrees)
    return np.asarray(np.stack([np.cos(angles), np.sin(angles)], axis=1), np.float32)


def linked(vectors: Vectors, least: Callable[[int], float], tokens: dict[int, Tokens] | None = None) -> list[int]:
    pairs = nearest_pairs(vectors, np.ones(len(vectors), np.bool_), -1.0)
    groups = joined(vectors, np.arange(len(vectors)), pairs, tokens or {}, least)
    return [int(name) for name in groups]


def test_groups_are_compared_on_average() -> None:
    """0 and 20 are .94 alike; 50 is .87 like 20, and .755 like both on average."""
    average = (np.cos(np.radians(50)) + np.cos(np.radians(30))) / 2
    assert linked(at(0, 20, 50), lambda _: average - 0.001) == [0, 0, 0]
    assert linked(at(0, 20, 50), lambda _: average + 0.001) == [0, 0, 2]


def test_the_most_alike_are_joined_first() -> None:
    """A chain of neighbours is no group: 45 goes with 60, and is lost to 20."""
    assert linked(at(0, 20, 45, 60), lambda _: np.cos(np.radians(30))) == [0, 0, 2, 2]


def test_what_is_near_enough_once_others_are_joined_is_joined() -> None:
    assert linked(at(0, 10, 90, 140), lambda groups: 0.9 if groups > 3 else 0.6) == [0, 0, 2, 2]
    assert linked(at(0, 30, 90, 140), lambda groups: 0.9 if groups > 3 else 0.6) == [0, 1, 2, 3]


def test_a_face_kept_apart_goes_to_the_next_best_group() -> None:
    """1 is nearest to 0, in the same photo, and second to 2."""
    photo = frozenset({7})
    assert linked(at(0, 5, 15), lambda _: 0.9, {0: photo, 1: photo}) == [0, 1, 1]
    assert linked(at(0, 5, 15), lambda _: 0.9, {0: photo, 1: photo, 2: photo}) == [0, 1, 2]


def test_a_group_has_the_photos_of_all_its_faces() -> None:
    """2 joins 0; then 3 shares a photo with what 0 is in."""
    assert linked(at(0, 2, 8), lambda _: 0.9, {0: frozenset({1}), 2: frozenset({1})}) == [0, 0, 2]


@pytest.mark.parametrize("seed", range(10))
def test_it_is_what_comparing_all_gives(seed: int) -> None:
    """By the textbook: of all pairs of groups the most alike are joined, again and again."""
    dice = np.random.default_rng(seed)
    vectors = (dice.normal(size=(5, 1, 8)) + 0.5 * dice.normal(size=(5, 3, 8))).reshape(-1, 8)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    groups = [[row] for row in range(len(vectors))]
    cosines = vectors @ vectors.T

    def average(one: list[int], other: list[int]) -> float:
        return float(cosines[np.ix_(one, other)].mean())

    while len(groups) > 1:
        best, one, other = max(
            (average(one, other), one, other) for place, one in enumerate(groups) for other in groups[:place]
        )
        if best < 0.5:
            break
        groups = [group for group in groups if group not in (one, other)] + [one + other]
    names = {row: min(group) for group in groups for row in group}
    assert linked(vectors, lambda _: 0.5) == [names[row] for row in range(len(vectors))]


@pytest.mark.parametrize("seed", range(20))
def test_a_group_that_none_of_its_neighbours_may_join_waits_for_no_turn(seed: int) -> None:
    """However alike, faces of one photo are as many people; of forty faces not all are neighbours of one another."""
    dice = np.random.default_rng(seed)
    photos = dice.integers(8, size=40).tolist()
    tokens: dict[int, Tokens] = {row: frozenset({photo}) for row, photo in enumerate(photos)}
    groups = linked(at(*dice.uniform(0, 60, size=40).tolist()), lambda count: 0.3 + 0.015 * count, tokens)
    assert len(set(zip(groups, photos, strict=True))) == 40
