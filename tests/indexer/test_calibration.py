from time import perf_counter

import numpy as np
import pytest

from niteru.indexer.generations.rarity_calibration import Calibration, calibrate, model_calibration
from niteru.indexer.generations.tail import fit_beside, fit_tail, similarity_beyond

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
    measured = calibrate(cloud(50, 64), np.arange(50), MODEL)
    assert measured.source == "model"
    assert measured.rarity(0.4) == pytest.approx(0.01), "pairs that are less alike make nothing rarer"
    assert measured.rarity(0.99) == pytest.approx(0.001)


@pytest.mark.parametrize("faces", [8, 60])
def test_in_a_small_gallery_of_people_who_are_alike_likeness_is_common(faces: int) -> None:
    vectors = np.asarray(cloud(faces, 64) + 0.15, np.float32)  # everybody has something in common
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    pairs = np.sort((vectors @ vectors.T)[np.triu_indices(faces, 1)])
    known = {"0.5": 0.0, "0.1": 0.2, "0.01": 0.4, "0.001": 0.6}
    measured = calibrate(vectors, np.arange(faces), known)
    assert model_calibration(known).rarity(pairs[-10]) < 0.005, "which would be false here"
    assert measured.rarity(pairs[-10]) == pytest.approx(10 / len(pairs), rel=0.3)
    assert measured.hardly_reached(1e-5) >= pairs[-1]


def test_a_large_gallery_is_sampled() -> None:
    vectors = cloud(3000, 8)
    measured = calibrate(vectors, np.arange(3000), MODEL)
    assert 1_900_000 < measured.pairs <= 2_000_000
    exact = np.quantile((vectors @ vectors.T)[np.triu_indices(3000, 1)], 0.99)
    assert measured.similarity_at(0.01) == pytest.approx(exact, abs=0.01)


def test_what_strangers_hardly_reach_goes_beyond_what_was_measured() -> None:
    known = {"0.1": 0.2, "0.01": 0.4, "0.001": 0.6, "0.0001": 0.8}
    measured = model_calibration(known)
    assert measured.hardly_reached(1e-4) == pytest.approx(0.8)
    # Halfway between 1e-3 and 1e-4, by logarithm.
    assert measured.hardly_reached(1e-3 / 3) == pytest.approx(0.6 + 0.2 * np.log10(3), abs=1e-6)
    assert measured.hardly_reached(1e-7) == pytest.approx(1.4, abs=1e-6), "so nothing is that alike"
    assert model_calibration({"0.1": 0.2}).hardly_reached(1e-4) == np.inf, "one share says nothing about the next"


def test_the_higher_of_gallery_and_model_says_what_strangers_hardly_reach() -> None:
    vectors, people = cloud(600), np.arange(600) // 2
    alike = np.asarray(vectors + 0.5, np.float32)  # everybody has something in common
    alike /= np.linalg.norm(alike, axis=1, keepdims=True)
    loose, strict = ({"0.01": high - 0.01, "0.001": high} for high in (0.1, 0.95))
    close = calibrate(alike, people, loose)
    assert close.source == "gallery"
    assert close.hardly_reached(1e-5) == close.similarity_at(1e-5) > 0.9
    assert calibrate(vectors, people, strict).hardly_reached(1e-5) == pytest.approx(0.97)


def test_averages_of_strangers_are_measured_apart_and_a_wrong_label_moves_them_little() -> None:
    rng = np.random.default_rng(0)
    middles = rng.normal(size=(400, 32))
    faces = (middles[:, None] + rng.normal(size=(400, 4, 32))).reshape(-1, 32).astype(np.float32)
    faces /= np.linalg.norm(faces, axis=1, keepdims=True)
    people = np.arange(400).repeat(4)
    tail = calibrate(faces, people, MODEL).averages
    assert tail is not None
    means = faces.reshape(400, 4, 32).mean(axis=1)
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    truly = np.sort((means @ means.T)[np.triu_indices(400, 1)])
    assert tail.reached_by(1e-4) == pytest.approx(truly[int(len(truly) * (1 - 1e-4))], abs=0.05)
    assert tail.reached_by(1e-5) > truly[int(len(truly) * (1 - 1e-4))]
    doubled = faces.copy()
    doubled[4:8] = doubled[:4]  # one person under two names
    assert calibrate(doubled, people, MODEL).averages.reached_by(1e-5) == pytest.approx(tail.reached_by(1e-5), abs=0.02)
    assert calibrate(faces, np.arange(1600), MODEL).averages is None, "nobody has two faces"


def test_a_calibration_is_read_as_it_was_written() -> None:
    vectors = cloud(300)
    for people in (np.arange(300), np.arange(300) // 3):
        measured = calibrate(vectors, people, MODEL)
        assert Calibration.from_json(measured.to_json()) == measured


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


def test_a_small_gallery_says_itself_how_alike_its_strangers_are() -> None:
    vectors = np.asarray(cloud(50) + 0.5, np.float32)  # everybody has something in common
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    measured = calibrate(vectors, np.arange(50), MODEL)
    assert measured.source == "model"
    highest = (vectors @ vectors.T)[np.triu_indices(50, 1)].max()
    assert measured.hardly_reached(1e-5) > highest > model_calibration(MODEL).hardly_reached(1e-3)


def test_of_few_pairs_the_models_tail_is_shifted_and_stretched_to_meet_them() -> None:
    known = {"0.5": 0.0, "0.1": 0.2, "0.01": 0.4, "0.001": 0.6, "0.0001": 0.8}
    spread = np.array([similarity_beyond(known, 1 - share) for share in np.linspace(0, 0.999, 200)])
    same = fit_beside(known, np.asarray(spread, np.float32))
    assert same.reached_by(1e-5) == pytest.approx(similarity_beyond(known, 1e-5), abs=0.01)
    shifted = fit_beside(known, np.asarray(spread + 0.3, np.float32))
    assert shifted.reached_by(1e-5) == pytest.approx(same.reached_by(1e-5) + 0.3, abs=0.01)
    wider = fit_beside(known, np.asarray(2 * spread, np.float32))
    assert wider.reached_by(1e-5) == pytest.approx(2 * same.reached_by(1e-5), abs=0.02)
    twenty = fit_beside(known, np.full(20, 0.3, np.float32))
    assert twenty.reached_by(1e-4) == pytest.approx(0.8 + 0.3), "of twenty, the median alone is known"
    assert fit_beside(known, np.full(19, 0.3, np.float32)) is None
    assert fit_beside({"0.1": 0.2}, np.asarray(spread, np.float32)) is None


def test_a_tiny_gallery_of_people_who_are_alike_calls_no_stranger_the_same() -> None:
    vectors = np.asarray(cloud(12) + 0.5, np.float32)  # everybody has something in common
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    measured = calibrate(vectors, np.arange(12), MODEL)
    highest = (vectors @ vectors.T)[np.triu_indices(12, 1)].max()
    assert measured.hardly_reached(1e-4) > highest > model_calibration(MODEL).hardly_reached(1e-4)
