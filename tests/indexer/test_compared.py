"""Pairs of people in columns say what brute force says of each."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from niteru.indexer.ask import compared
from niteru.indexer.ask.compared import best_faces, variances
from niteru.indexer.ask.neighbours import Neighbours
from niteru.indexer.ask.persons import Persons, assemble, variance_of_side


def people(counts: list[int], seed: int) -> Persons:
    """People of so many faces each, made up, some of them nearly the same twice."""
    dice = np.random.default_rng(seed)
    faces = dice.normal(size=(sum(counts), 6))
    again = dice.random(len(faces) - 1) < 0.2
    faces[1:][again] = faces[:-1][again] + dice.normal(scale=0.01, size=(int(again.sum()), 6))
    unit = np.asarray(faces / np.linalg.norm(faces, axis=1, keepdims=True), np.float32)
    starts = np.cumsum([0, *counts])
    names = [f"P{row:02d}" for row in range(len(counts))]
    return assemble(np.arange(len(counts)), names, starts, np.arange(len(unit)) + 50, unit)


@settings(max_examples=40, deadline=None)
@given(
    counts=st.lists(st.integers(1, 5), min_size=2, max_size=9),
    seed=st.integers(0, 99),
    usual=st.sampled_from([0.08, math.inf]),
)
def test_many_pairs_are_compared_as_each_alone(counts: list[int], seed: int, usual: float) -> None:
    persons, number = people(counts, seed), len(counts)
    one, other = (rows[~np.eye(number, dtype=bool).ravel()] for rows in np.indices((number, number)).reshape(2, -1))
    spreads = np.full(len(one), usual)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compared, "_FACES", 7)
        best, variance = best_faces(persons, one, other), variances(persons, one, other, (spreads, spreads))
    for pair, (mine, theirs) in enumerate(zip(one.tolist(), other.tolist(), strict=True)):
        cosines = persons.faces[persons.rows(mine)] @ persons.faces[persons.rows(theirs)].T
        shown = cosines[best.mine[pair] - persons.starts[mine], best.theirs[pair] - persons.starts[theirs]]
        assert shown == pytest.approx(cosines.max(), abs=1e-6)
        assert best.cosines[pair] == pytest.approx(cosines.max(), abs=1e-6)
        sides = sum(
            variance_of_side(persons.faces[persons.rows(own)], persons.vectors[own], persons.vectors[to], usual)
            for own, to in ((mine, theirs), (theirs, mine))
        )
        assert variance[pair] == pytest.approx(sides, rel=1e-3, abs=1e-9)


def test_no_pairs_at_all() -> None:
    persons, none = people([1, 2], 0), np.empty(0, np.int64)
    assert len(best_faces(persons, none, none).cosines) == 0
    assert len(variances(persons, none, none, (none.astype(float), none.astype(float)))) == 0


def test_neighbours_are_pairs_once_and_nobody_is_missing() -> None:
    rows = np.array([[1, 2], [0, -1], [1, 0], [0, 2]])
    found = Neighbours(np.zeros(rows.shape, np.float32), rows)
    assert found.pairs().tolist() == [[0, 1], [0, 2], [2, 1], [3, 0], [3, 2]]
