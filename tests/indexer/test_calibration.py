from time import perf_counter

import numpy as np
import pytest

from niteru.indexer.generations.rarity_calibration import calibrate, model_calibration
from niteru.indexer.generations.tail import fit_tail

MODEL = {"0.1": 0.2, "0.01": 0.4, "0.001": 0.6}


def cloud(n: int, dimension: int = 16) -> np.ndarray:
    vectors = np.random.default_rng(1).normal(size=(n, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_rarity_is_the_share_of_impostor_pairs_at_least_as_alike() -> None:
    vectors, people = cloud(300), np.arange(300) // 3
    measured = calibrate(vectors, people, MODEL)
    similarities = (vectors @ vectors.T)[np.triu_indices(300, 1)]
    impostors = similarities[(people[:, None] != people)[np.triu_indices(300, 1)]]
    assert measured.source == "gallery"
    assert measured.pairs == len(impostors) == 300 * 299 // 2 - 100 * 3
    for similarity in (-0.3, 0.0, 0.2, 0.5, 0.7):
        share = float((impostors >= similarity).mean())
        assert measured.rarity(similarity) == pytest.approx(share, rel=0.1)


def test_rarity_falls_with_similarity_and_stays_within_what_was_seen() -> None:
    measured = calibrate(cloud(300), np.arange(300), MODEL)
    rarities = [measured.rarity(s) for s in np.linspace(-1, 1, 200)]
    assert rarities == sorted(rarities, reverse=True)
    assert rarities[0] == 1.0
    assert rarities[-1] == pytest.approx(1 / measured.pairs)
    for share in (0.3, 1e-2, 1e-3):
        assert measured.rarity(measured.similarity_at(share)) == pytest.approx(share, rel=1e-6)


def test_the_tail_continues_where_too_few_pairs_were_measured() -> None:
    rng = np.random.default_rng(3)
    normal = np.sort(rng.normal(0, 0.1, 200_000)).astype(np.float32)
    tail = fit_tail(normal, 1e-3)
    assert tail is not None
    # What a normal distribution itself has at these shares.
    for share, truth in ((1e-4, 0.3719), (1e-5, 0.4265), (1e-6, 0.4753)):
        assert tail.similarity_at(np.array([share]))[0] == pytest.approx(truth, abs=0.02)
    assert fit_tail(normal[:1000], 1e-3) is None
    assert fit_tail(np.ones(100_000, np.float32), 1e-3) is None


def test_the_table_says_what_was_measured_and_what_would_be_missed() -> None:
    vectors, people = cloud(1200), np.arange(1200) // 4
    vectors = vectors[(people * 4)] + 0.5 * vectors
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    measured = calibrate(vectors, people, MODEL)
    rows = measured.table()
    assert [row["fmr"] for row in rows] == [1e-2, 1e-3, 1e-4, 1e-5, 1e-6]
    assert [row["measured"] for row in rows] == [True, True, True, False, False], measured.reach
    assert [row["similarity"] for row in rows] == sorted(row["similarity"] for row in rows)
    genuine = [
        float(vectors[a] @ vectors[b])
        for p in range(300)
        for a in range(4 * p, 4 * p + 4)
        for b in range(a)
        if b >= 4 * p
    ]
    for row in rows[:3]:
        assert row["missed"] == pytest.approx(np.mean(np.array(genuine) < row["similarity"]), abs=0.02)
    assert model_calibration(MODEL).table()[0]["missed"] is None


def test_rarity_takes_microseconds() -> None:
    measured = calibrate(cloud(300), np.arange(300), MODEL)
    start = perf_counter()
    for _ in range(1000):
        measured.rarity(0.5)
    assert perf_counter() - start < 0.5, "half a millisecond each would still be far too slow"


def test_a_small_gallery_uses_the_models_calibration() -> None:
    measured = calibrate(cloud(50), np.arange(50), MODEL)
    assert measured.source == "model"
    assert measured.rarity(0.4) == pytest.approx(0.01)
    assert measured.same_person() == pytest.approx(0.6)
    assert measured.rarity(0.99) == pytest.approx(0.001)


def test_a_large_gallery_is_sampled() -> None:
    vectors = cloud(3000, 8)
    measured = calibrate(vectors, np.arange(3000), MODEL)
    assert 1_900_000 < measured.pairs <= 2_000_000
    exact = np.quantile((vectors @ vectors.T)[np.triu_indices(3000, 1)], 0.99)
    assert measured.similarity_at(0.01) == pytest.approx(exact, abs=0.01)


def test_the_best_of_many_pairs_must_be_rarer() -> None:
    measured = model_calibration({"0.1": 0.2, "0.01": 0.4, "0.001": 0.6, "0.0001": 0.8})
    assert measured.same_person(10) == pytest.approx(0.8)
    # Halfway between 1e-3 and 1e-4, by logarithm.
    assert measured.same_person(3) == pytest.approx(0.6 + 0.2 * np.log10(3), abs=1e-6)


def test_groups_of_similar_people_raise_the_thresholds() -> None:
    from niteru.engine.evaluation.model_calibration import quantiles

    rng = np.random.default_rng(0)
    impostors, genuine = (rng.normal(middle, 0.1, 200_000).astype(np.float32) for middle in (0.0, 0.7))
    alike = rng.normal(0.2, 0.1, 50_000).astype(np.float32)
    alike[:20] = 0.95  # somebody is in it twice
    alone, _ = quantiles(impostors, genuine)
    assert alone["0.001"] == pytest.approx(0.309, abs=0.01)
    both, kept = quantiles(impostors, genuine, [alike])
    # Half of the pairs are of the group: it reaches .2 + .1 · z(.998).
    assert both["0.001"] == pytest.approx(0.2 + 0.1 * 2.878, abs=0.02)
    assert both["0.0001"] - alone["0.0001"] == pytest.approx(both["0.001"] - alone["0.001"], abs=1e-3)
    assert kept["0.5"] == pytest.approx(0.7, abs=0.01)
