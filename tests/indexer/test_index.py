"""Every kind of index keeps the same contract, on embeddings at known angles."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from niteru.indexer.generations.index import KINDS, FlatIndex, Index, IvfPqIndex, kind_for
from niteru.indexer.generations.index.faiss_library import faiss
from niteru.indexer.generations.index.recall import RecallTooLow, recall_of_others, tune
from niteru.indexer.generations.index.vector_file import map_vectors, write_vectors


def at(*degrees: float) -> np.ndarray:
    angles = np.deg2rad(degrees)
    return np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> type[Index]:
    return KINDS[request.param]


@pytest.fixture(params=["built", "reopened"])
def index(request: pytest.FixtureRequest, kind: type[Index], tmp_path: Path) -> Index:
    vectors = at(0, 90, 30, 180, 60)
    if request.param == "built":
        return kind.build(vectors)
    write_vectors(tmp_path / "vectors", 5, 2, [vectors[:3], vectors[3:]])
    mapped = map_vectors(tmp_path / "vectors")
    kind.build(mapped).save(tmp_path / "index")
    return kind.load(tmp_path / "index", mapped)


def test_a_file_of_vectors_is_the_one_that_faiss_writes(tmp_path: Path) -> None:
    vectors = at(*range(0, 90, 3))
    write_vectors(tmp_path / "ours", 30, 2, [vectors[:7], vectors[7:]])
    exact = faiss.IndexFlatIP(2)
    exact.add(vectors)
    faiss.write_index(exact, str(tmp_path / "theirs"))
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()
    assert np.array_equal(map_vectors(tmp_path / "ours"), vectors)
    with pytest.raises(ValueError, match="31 vectors were announced and 30 came"):
        write_vectors(tmp_path / "short", 31, 2, [vectors])
    with pytest.raises(ValueError, match="size"):
        map_vectors(tmp_path / "short")


def test_the_nearest_come_first_with_their_cosines(index: Index) -> None:
    similarities, rows = index.search(at(10), 3)
    assert rows.tolist() == [[0, 2, 4]]
    assert np.allclose(similarities, np.cos(np.deg2rad([[10, 20, 50]])), atol=1e-6)


def test_several_questions_at_once(index: Index) -> None:
    _, rows = index.search(at(0, 170), 2)
    assert rows.tolist() == [[0, 2], [3, 1]]


def test_all_rows_but_those_left_out_are_found(index: Index) -> None:
    similarities, rows = index.search(at(0), 5, np.array([0, 2]))
    assert rows.tolist() == [[4, 1, 3]]
    assert np.allclose(similarities, [[0.5, 0, -1]], atol=1e-6)
    assert index.search(at(0), 1, np.arange(5))[1].shape == (1, 0)


def test_leaving_most_rows_out_costs_no_answers() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(500, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    allowed = rng.random(500) < 0.03
    for kind in KINDS.values():
        similarities, rows = kind.build(vectors).search(vectors[:20], 10, np.flatnonzero(~allowed))
        exact = np.where(allowed, vectors[:20] @ vectors.T, -2)
        assert rows.shape == (20, 10)
        assert allowed[rows].all()
        assert np.allclose(similarities, -np.sort(-exact)[:, :10], atol=1e-5)


@pytest.fixture(scope="module")
def crowd() -> tuple[np.ndarray, np.ndarray]:
    """Faces of 1,000 people, four each, as near to one another as faces are; and whose they are."""
    rng = np.random.default_rng(0)
    spread = np.geomspace(1, 0.05, 32)
    people = np.repeat(np.arange(1000), 4)
    vectors = (rng.normal(size=(1000, 32)) * spread)[people] + 0.4 * rng.normal(size=(4000, 32)) * spread
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), people


def test_other_people_are_found_in_a_crowd(kind: type[Index], crowd: tuple[np.ndarray, np.ndarray]) -> None:
    vectors, people = crowd
    index = kind.build(vectors)
    assert tune(index, vectors, people) >= 0.98
    similarities, rows = index.search(vectors[7:8], 50, np.flatnonzero(people == people[7]))
    assert (people[rows[0]] != people[7]).all()
    assert len(set(rows[0].tolist())) == 50
    assert np.allclose(similarities[0], vectors[rows[0]] @ vectors[7], atol=1e-5)
    assert (np.diff(similarities[0]) <= 1e-6).all()
    assert np.array_equal(index.vectors(np.array([3, 3999])), vectors[[3, 3999]])


def test_leaving_any_number_of_rows_out_costs_no_answers(
    kind: type[Index], crowd: tuple[np.ndarray, np.ndarray]
) -> None:
    vectors, people = crowd
    index = kind.build(vectors)
    tune(index, vectors, people)
    for number in (1, 7, 8, 64, 65, 900):
        without = np.sort(np.random.default_rng(number).choice(4000, number, replace=False))
        similarities, rows = index.search(vectors[:2], 20, without)
        assert rows.shape == (2, 20)
        assert not np.isin(rows, without).any()
        assert np.allclose(similarities, np.einsum("qd,qkd->qk", vectors[:2], vectors[rows]), atol=1e-5)
        exact = vectors[:2] @ vectors.T
        exact[:, without] = -2
        found = (similarities >= -np.sort(-exact, axis=1)[:, 19:20] - 1e-5).mean()
        assert found > 0.9


def test_almost_all_rows_can_be_requested(kind: type[Index], crowd: tuple[np.ndarray, np.ndarray]) -> None:
    vectors, _ = crowd
    similarities, rows = kind.build(vectors).search(vectors[:1], 3996, np.arange(4))
    assert set(rows[0].tolist()) == set(range(4, 4000))
    assert (np.diff(similarities[0]) <= 1e-6).all()


def test_an_index_that_misses_too_much_is_refused_with_advice() -> None:
    class Blind(FlatIndex):
        kind = "blind"
        EFFORTS = (1, 2)

        def search(self, queries, k, *without):
            similarities, rows = super().search(queries, k, *without)
            return similarities - 1, rows

    vectors, people = at(*range(0, 90, 2)), np.arange(45)
    assert recall_of_others(FlatIndex.build(vectors), vectors, people) == 1.0
    with pytest.raises(RecallTooLow, match="--kind flat"):
        tune(Blind.build(vectors), vectors, people)
    assert recall_of_others(Blind.build(vectors), vectors, np.zeros(45)) == 1.0, "there is nobody else to find"


def test_the_kind_of_index_is_chosen_or_goes_by_size() -> None:
    assert kind_for("flat", 10**7) is FlatIndex
    assert kind_for("auto", 1_000) is FlatIndex
    assert kind_for("auto", 10**6) is IvfPqIndex
    assert kind_for("hnsw", 3) is KINDS["hnsw"]


def test_the_length_of_an_index_is_its_number_of_rows(index: Index) -> None:
    assert len(index) == 5


def test_a_reader_waits_for_a_catalogue_that_is_being_created(tmp_path: Path) -> None:
    """A reader between the writer's first byte and its last migration took it for an older niteru's."""
    import sqlite3
    import threading

    from niteru.indexer.catalog.catalog import Catalog
    from niteru.indexer.catalog.connection import CatalogError

    file = tmp_path / "catalog.sqlite"
    sqlite3.connect(file).execute("CREATE TABLE being_made (x)").connection.close()
    with pytest.raises(CatalogError, match="older niteru"):
        Catalog(file, readonly=True)
    file.unlink()
    sqlite3.connect(file).execute("PRAGMA user_version = 0").connection.close()
    file.touch()
    writer = threading.Timer(0.3, lambda: Catalog(file).close())
    writer.start()
    Catalog(file, readonly=True).close()
    writer.join()


def test_threads_that_wait_sleep_unless_somebody_decided_otherwise() -> None:
    """On a busy machine those that spin take a hundred times as long for a small index."""
    code = "import os; import niteru.indexer.generations.index; print(os.environ['OMP_WAIT_POLICY'])"
    for given, expected in ((None, "passive"), ("active", "active")):
        environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
        environment |= {} if given is None else {"OMP_WAIT_POLICY": given}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == expected
