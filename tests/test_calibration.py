import numpy as np
import pytest

from indexer.calibration import calibrate, model_calibration

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


def test_a_small_gallery_is_told_by_the_model() -> None:
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
