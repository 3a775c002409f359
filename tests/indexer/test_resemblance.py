"""Everybody with everybody: blocks and pools find what brute force finds, and an interrupted run goes on."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import distributed
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from niteru.indexer.ask import neighbours as search
from niteru.indexer.ask.families import families
from niteru.indexer.ask.neighbours import Neighbours, neighbours
from niteru.indexer.ask.persons import DAMPING, Persons, assemble, mean_of, repeated
from niteru.indexer.ask.resemblance import Scale, scale


def unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def crowd(number: int, seed: int = 0, dimension: int = 8) -> Persons:
    """People of one photo each, made up; half of them doubled, so that some are equally near."""
    dice = np.random.default_rng(seed)
    vectors = unit(dice.normal(size=(number, dimension)))
    vectors[number // 2 : number // 2 * 2] = vectors[: number // 2]
    ids = np.arange(number) + 100
    hubness = dice.normal(scale=0.1, size=number).astype(np.float32)
    names = [f"P{row:04d}" for row in range(number)]
    return Persons(ids, names, vectors, hubness, np.arange(number + 1), ids * 10, vectors)


def brute(persons: Persons) -> np.ndarray:
    """Scores of all pairs, float64 (p, p), nobody with themselves."""
    vectors, hubness = persons.vectors.astype(float), persons.hubness.astype(float)
    scores = vectors @ vectors.T - DAMPING * (hubness[:, None] + hubness[None])
    np.fill_diagonal(scores, -np.inf)
    return scores


def agrees(found: Neighbours, persons: Persons, k: int) -> None:
    scores = brute(persons)
    k = min(k, len(persons) - 1)
    assert found.rows.shape == (len(persons), k)
    assert not (found.rows == np.arange(len(persons))[:, None]).any(), "nobody is their own neighbour"
    assert all(len(set(row)) == k for row in found.rows.tolist())
    best = -np.sort(-scores, axis=1)[:, :k]
    np.testing.assert_allclose(np.take_along_axis(scores, found.rows, 1), best, atol=1e-5)
    np.testing.assert_allclose(found.scores, best, atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(number=st.integers(1, 40), k=st.integers(1, 8), block=st.integers(1, 50), seed=st.integers(0, 9))
def test_blocks_find_what_brute_force_finds(
    tmp_path_factory: pytest.TempPathFactory, number: int, k: int, block: int, seed: int
) -> None:
    persons = crowd(number, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "BLOCK", block)
        agrees(neighbours(persons, k, tmp_path_factory.mktemp("work")), persons, k)


def test_a_pool_of_processes_finds_the_same(tmp_path: Path) -> None:
    persons = crowd(9_000)
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        pooled = neighbours(persons, 5, tmp_path / "pool", pool)
    here = neighbours(persons, 5, tmp_path / "here")
    np.testing.assert_allclose(pooled.scores, here.scores, atol=1e-6)
    np.testing.assert_array_equal(pooled.rows, here.rows)


def test_a_dask_cluster_finds_the_same(tmp_path: Path) -> None:
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        distributed.Client(cluster) as client,
        client.get_executor() as executor,
    ):
        found = neighbours(crowd(9_000), 5, tmp_path / "dask", executor)
    here = neighbours(crowd(9_000), 5, tmp_path / "here")
    np.testing.assert_allclose(found.scores, here.scores, atol=1e-6)
    np.testing.assert_array_equal(found.rows, here.rows)


@settings(max_examples=10, deadline=None)
@given(number=st.integers(3, 60), k=st.integers(1, 8), seed=st.integers(0, 9))
def test_an_index_that_reads_all_its_lists_finds_what_brute_force_finds(
    tmp_path_factory: pytest.TempPathFactory, number: int, k: int, seed: int
) -> None:
    persons = crowd(number, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "EXACTLY", 1)
        found = neighbours(persons, k, tmp_path_factory.mktemp("work"))
    agrees(found, persons, k)
    assert found.recall == 1


def test_an_index_over_thousands_says_what_it_misses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    persons = crowd(6_000, dimension=32)
    exact = neighbours(persons, 10, tmp_path)
    monkeypatch.setattr(search, "EXACTLY", 1_000)
    found = neighbours(persons, 10, tmp_path)
    assert search.LEAST_RECALL <= found.recall <= 1
    missed = found.scores < exact.scores[:, -1:] - 1e-5
    assert 1 - missed.mean() == pytest.approx(found.recall, abs=0.01)
    again = neighbours(persons, 10, tmp_path)
    np.testing.assert_array_equal(again.rows, found.rows)
    assert again.recall == found.recall


def test_what_was_done_before_an_interruption_is_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    persons, computed = crowd(50), []
    monkeypatch.setattr(search, "BLOCK", 10)
    original = search.nearest

    def breaks(queries: np.ndarray, everybody: np.ndarray, start: int, k: int, index: object) -> object:
        if start == 30 and not computed.count(30):
            computed.append(start)
            raise KeyboardInterrupt
        computed.append(start)
        return original(queries, everybody, start, k, index)

    monkeypatch.setattr(search, "nearest", breaks)
    with pytest.raises(KeyboardInterrupt):
        neighbours(persons, 3, tmp_path)
    agrees(neighbours(persons, 3, tmp_path), persons, 3)
    assert computed == [0, 10, 20, 30, 30, 40]
    others = crowd(50, seed=1)
    agrees(neighbours(others, 3, tmp_path), others, 3)


def test_rarity_is_the_share_of_pairs_that_are_as_alike() -> None:
    measured = scale(crowd(30))
    scores = brute(crowd(30))[np.triu_indices(30, 1)]
    for score in (-0.5, 0.0, 0.3, float(scores.max())):
        share = max((scores >= score - 1e-6).mean(), 1 / len(scores))
        assert measured.rarity(score) == pytest.approx(share, abs=1.5 / len(scores))
    assert measured.rarity(9.0) == 1 / len(scores)
    assert Scale(np.empty(0, np.float32)).rarity(0.5) == 1


def test_a_picture_saved_twenty_times_counts_once() -> None:
    dice = np.random.default_rng(0)
    one, other = unit(dice.normal(size=(2, 64)))
    copies = unit(one + dice.normal(scale=0.005, size=(20, 64)))
    np.testing.assert_array_equal(repeated(np.vstack([copies, other])), [False] + [True] * 19 + [False])
    mean = mean_of(np.vstack([copies, other]))
    assert mean @ other == pytest.approx(mean @ one, abs=0.02)


def test_families_are_those_who_look_like_one_another(tmp_path: Path) -> None:
    dice = np.random.default_rng(0)
    alone = unit(dice.normal(size=(60, 64)))
    kin = [
        unit(middle + dice.normal(scale=0.09, size=(size, 64))) for middle, size in zip(alone[:2], (4, 3), strict=True)
    ]
    vectors = np.vstack([alone[2:], *kin])
    number = len(vectors)
    ids = np.arange(number)
    persons = assemble(ids, [str(row) for row in ids], np.arange(number + 1), ids, vectors)
    found = families(persons, neighbours(persons, 5, tmp_path), scale(persons))
    groups = [set(family.people) for family in found]
    assert {58, 59, 60, 61} in groups
    assert {62, 63, 64} in groups
    assert {frozenset(group) for group in groups[:2]} == {frozenset({58, 59, 60, 61}), frozenset({62, 63, 64})}
    nobody = assemble(ids[:2], ["a", "b"], np.arange(3), ids[:2], vectors[:2])
    assert families(nobody, neighbours(nobody, 5, tmp_path), scale(nobody)) == []


def test_families_of_very_many_are_made_of_the_rarest_resemblances(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = np.random.default_rng(0)
    middles = unit(dice.normal(size=(40, 64)))
    spreads = np.linspace(0.03, 0.09, 40)
    kin = [unit(one + dice.normal(scale=scale, size=(3, 64))) for one, scale in zip(middles, spreads, strict=True)]
    vectors, ids = np.vstack(kin), np.arange(120)
    persons = assemble(ids, [f"{row:03d}" for row in ids], np.arange(121), ids, vectors)
    found, measured = neighbours(persons, 2, tmp_path), scale(persons)
    monkeypatch.setattr("niteru.indexer.ask.families.MOST", 60)
    some = families(persons, found, measured)
    assert 8 <= len(some) <= 12
    monkeypatch.undo()
    assert some == families(persons, found, measured)[: len(some)], "the closest"
