"""Bulk work on a real Dask cluster: the same result, whoever dies; and named errors before any work is given away."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from support.cluster import Cluster
from support.command import niteru
from support.drawings import drawn
from support.drawn import DrawnFolder, write_image

pytest.importorskip("distributed")

from niteru.engine.drawn import person
from niteru.engine.embedding.embedder import DEFAULT_MODEL
from niteru.engine.networks.model_folder import MODELS
from niteru.engine.work.cluster import ADDRESS, ClusterUnusable, bulk
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from niteru.indexer.update.enrolment import BATCH
from niteru.indexer.update.remodel import use_model
from niteru.indexer.update.summary import Summary
from niteru.indexer.update.verifying import verify

ROOT = Path(__file__).parents[2]
PEOPLE, DRAWINGS, COPIES = 8, 2, 20
ALL = PEOPLE * DRAWINGS * COPIES


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    running = Cluster(tmp_path_factory.mktemp("cluster"))
    running.add_worker()
    running.add_worker()
    yield running
    running.close()


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty batches of photos of drawn people: a few drawings, each shifted and lit otherwise twenty times."""
    folder, dice = tmp_path_factory.mktemp("photos"), np.random.default_rng(0)
    for number in range(PEOPLE):
        for photo in range(DRAWINGS):
            image = drawn(number, photo).image
            for copy in range(COPIES):
                moved = np.roll(image, tuple(dice.integers(-6, 7, 2)), (0, 1)).astype(np.float32)
                lit = (moved * dice.uniform(0.8, 1.15)).clip(0, 255).astype(np.uint8)
                write_image(folder / person(number).name / f"{photo:02d}-{copy:02d}.jpg", lit)
    return folder


def rows(place: Path) -> list[tuple]:
    """All that is known of each face but its number."""
    with closing(Gallery(place)) as gallery:
        known = []
        for _, name, _ in gallery.catalog.queries.people():
            for face in gallery.catalog.queries.faces_of_person(name):
                vector = gallery.catalog.queries.vector(face.id, gallery.generation.model)
                assert vector is not None
                known.append((face.photo, name, face.box, face.points, face.score, face.quality, vector.tobytes()))
        return sorted(known)


@pytest.fixture(scope="module")
def local(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("local") / "gallery"
    update(place, photos)
    return place


def test_a_worker_that_is_killed_costs_no_photo_and_none_twice(
    photos: Path, local: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = Cluster(tmp_path / "cluster")
    victim = cluster.add_worker()
    cluster.add_worker()
    monkeypatch.setenv(ADDRESS, cluster.address)
    done: list[Summary] = []
    run = threading.Thread(target=lambda: done.append(update(tmp_path / "gallery", photos)))
    run.start()
    while _enrolled(tmp_path / "gallery") < 3 * BATCH:
        assert run.is_alive()
        time.sleep(0.05)
    victim.kill()
    run.join()
    cluster.close()
    assert (len(done[0].added), done[0].faces, done[0].skipped) == (ALL, ALL, {})
    assert rows(tmp_path / "gallery") == rows(local)
    monkeypatch.delenv(ADDRESS)
    assert verify(tmp_path / "gallery").problems == []


def _enrolled(place: Path) -> int:
    if not (place / "catalog.sqlite").exists():
        return 0
    with closing(Gallery(place)) as gallery:
        return gallery.catalog.queries.counts()["photos"]


def test_a_cluster_that_dies_is_told_and_the_run_goes_on_here(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = Cluster(tmp_path / "cluster")
    cluster.add_worker()
    monkeypatch.setenv(ADDRESS, cluster.address)
    told: list[BaseException] = []

    def index() -> None:
        try:
            update(tmp_path / "gallery", photos)
        except BaseException as error:
            told.append(error)

    run = threading.Thread(target=index)
    run.start()
    while _enrolled(tmp_path / "gallery") < 3 * BATCH:
        assert run.is_alive()
        time.sleep(0.05)
    cluster.close()
    run.join(60)
    assert not run.is_alive()
    assert isinstance(told[0], ClusterUnusable), told
    assert "again to resume" in str(told[0])
    before = _enrolled(tmp_path / "gallery")
    monkeypatch.delenv(ADDRESS)
    again = update(tmp_path / "gallery", photos)
    assert (len(again.added), again.unchanged, again.faces) == (ALL - before, before, ALL)


def test_crops_and_a_model_of_ones_own_go_there(
    faces: DrawnFolder, tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "mine"
    shutil.copytree(MODELS / DEFAULT_MODEL, model)
    info = json.loads((model / "model.json").read_text())
    info["name"] = "mine"
    (model / "model.json").write_text(json.dumps(info))
    monkeypatch.setenv("NITERU_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv(ADDRESS, cluster.address)
    use_model(tmp_path / "gallery", model)
    summary = update(tmp_path / "gallery", faces.folder, crops=True)
    assert (summary.faces, summary.skipped) == (18, {})
    with closing(Gallery(tmp_path / "gallery")) as gallery:
        assert gallery.generation.model.startswith("mine:")


def test_a_worker_without_the_photos_is_told(
    tmp_path: Path, photos: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ADDRESS, cluster.address)
    with (
        pytest.raises(ClusterUnusable, match=r"tcp://.* does not see .*nowhere.jpg: mount the folder"),
        bulk(files=(tmp_path / "nowhere.jpg",)),
    ):
        pass


def test_a_worker_of_another_niteru_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    for part in ("engine", "indexer"):
        shutil.copytree(ROOT / part, other / "niteru" / part)
    shutil.copy(ROOT / "niteru" / "__init__.py", other / "niteru")
    with (other / "niteru" / "engine" / "faces" / "face.py").open("a") as source:
        source.write("# of yore\n")
    cluster = Cluster(tmp_path / "cluster")
    cluster.add_worker(PYTHONPATH=str(other))
    monkeypatch.setenv(ADDRESS, cluster.address)
    with pytest.raises(ClusterUnusable, match=r"runs .*: install the same version there"), bulk():
        pass
    cluster.close()


def test_a_worker_that_sees_otherwise_is_told(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ADDRESS, cluster.address)
    monkeypatch.setattr("niteru.engine.work.cluster.LEAST_COSINE", 1.1)
    with pytest.raises(ClusterUnusable, match="gives different vectors there"), bulk(MODELS / DEFAULT_MODEL):
        pass


def test_nobody_is_waited_for_who_does_not_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ADDRESS, "tcp://127.0.0.1:9")
    monkeypatch.setattr("distributed.Client", None)  # it would try for long
    with pytest.raises(ClusterUnusable, match="no scheduler answers"), bulk():
        pass


def test_nobody_at_the_address_is_told(faces: DrawnFolder, tmp_path: Path) -> None:
    done = niteru(
        "index", faces.folder, "--crops", "--gallery", tmp_path / "gallery", env={ADDRESS: "tcp://127.0.0.1:9"}
    )
    assert done.returncode == 1
    assert "no scheduler answers" in done.stderr
    assert "Traceback" not in done.stderr
    done = niteru("index", faces.folder, "--crops", "--gallery", tmp_path / "gallery", env={ADDRESS: "nonsense"})
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_cluster_without_workers_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = Cluster(tmp_path / "alone")
    monkeypatch.setenv(ADDRESS, alone.address)
    try:
        with pytest.raises(ClusterUnusable, match=r"no worker has joined\. Start one: dask worker"), bulk():
            pass
    finally:
        alone.close()
