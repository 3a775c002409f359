"""Every kind of index keeps the same contract, on embeddings at known angles."""

from pathlib import Path

import numpy as np
import pytest

from indexer.index import KINDS, Index


def at(*degrees: float) -> np.ndarray:
    angles = np.deg2rad(degrees)
    return np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> type[Index]:
    return KINDS[request.param]


@pytest.fixture(params=["built", "reopened"])
def index(request: pytest.FixtureRequest, kind: type[Index], tmp_path: Path) -> Index:
    built = kind.build(at(0, 90, 30, 180, 60))
    if request.param == "built":
        return built
    built.save(tmp_path / "index")
    return kind.load(tmp_path / "index")


def test_the_nearest_come_first_with_their_cosines(index: Index) -> None:
    similarities, rows = index.search(at(10), 3)
    assert rows.tolist() == [[0, 2, 4]]
    assert np.allclose(similarities, np.cos(np.deg2rad([[10, 20, 50]])), atol=1e-6)


def test_several_questions_at_once(index: Index) -> None:
    _, rows = index.search(at(0, 170), 2)
    assert rows.tolist() == [[0, 2], [3, 1]]


def test_only_allowed_rows_and_all_of_them(index: Index) -> None:
    allowed = np.array([False, True, False, True, True])
    similarities, rows = index.search(at(0), 5, allowed)
    assert rows.tolist() == [[4, 1, 3]]
    assert np.allclose(similarities, [[0.5, 0, -1]], atol=1e-6)
    assert index.search(at(0), 1, np.zeros(5, bool))[1].shape == (1, 0)


def test_a_filter_never_costs_answers() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(500, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    allowed = rng.random(500) < 0.03
    for kind in KINDS.values():
        similarities, rows = kind.build(vectors).search(vectors[:20], 10, allowed)
        exact = np.where(allowed, vectors[:20] @ vectors.T, -2)
        assert rows.shape == (20, 10)
        assert allowed[rows].all()
        assert np.allclose(similarities, -np.sort(-exact)[:, :10], atol=1e-5)


def test_its_length(index: Index) -> None:
    assert len(index) == 5
