"""Galleries in Milvus Lite: leases, copies on other machines, a server that goes away."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest

from support.command import niteru
from support.drawn import DrawnFolder

pytest.importorskip("pymilvus")
pytest.importorskip("milvus_lite")

from niteru.engine.embedding.embedder import Embedder
from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.generation import GenerationUnusable
from niteru.indexer.generations.index.recall import RecallTooLow
from niteru.indexer.storage.address import BackendUnavailable, GalleryBusy
from niteru.indexer.storage.milvus.address import Address
from niteru.indexer.storage.milvus.lease import Lease
from niteru.indexer.storage.milvus.mirror import Mirror
from niteru.indexer.storage.milvus.store import Store
from niteru.indexer.storage.open import open_backend
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.verifying import verify
from niteru.serve.http.app import create_app


def all_vectors(gallery: Gallery) -> np.ndarray:
    return gallery.catalog.queries.vectors(np.array(sorted(gallery.catalog.queries.face_ids())))


def test_another_machine_makes_its_own_copy(lite: str, faces: DrawnFolder) -> None:
    update(lite, faces.folder, crops=True)
    with closing(Gallery(lite)) as gallery:
        before = *gallery.catalog.queries.labelled_faces(gallery.generation.model), all_vectors(gallery)
    shutil.rmtree(open_backend(lite).folder)
    with closing(Gallery(lite)) as gallery:
        after = *gallery.catalog.queries.labelled_faces(gallery.generation.model), all_vectors(gallery)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)
    summary = update(lite, faces.folder, crops=True)
    assert (summary.unchanged, summary.generation) == (18, 1)


@pytest.mark.parametrize("fails_at", [1, 3, 5, 7, 9])
def test_losing_milvus_in_the_middle_of_a_run_costs_nothing(
    lite: str, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    calls = 0
    put = Store.put

    def breaks(self: Store, *words: object) -> int:
        nonlocal calls
        calls += 1
        if calls == fails_at:
            raise BackendUnavailable("gone")
        return put(self, *words)

    open_backend(lite).generations.current()
    monkeypatch.setattr(Store, "put", breaks)
    with pytest.raises(BackendUnavailable, match="gone"):
        update(lite, faces.folder, crops=True)
    monkeypatch.setattr(Store, "put", put)
    here = open_backend(lite).folder
    if fails_at % 4 == 1 and here.exists():
        shutil.rmtree(here)  # and this machine with it
    summary = update(lite, faces.folder, crops=True)
    assert (summary.faces, summary.people) == (18, 6)
    assert verify(lite).problems == []


def test_verify_names_damages_in_milvus(lite: str, faces: DrawnFolder) -> None:
    update(lite, faces.folder, crops=True)
    store = opened(lite)
    store.delete("gallery__g000001", [4])
    store.delete("gallery__catalog_1", ["photos/2"])
    problems = "\n".join(verify(lite).problems)
    assert "of the catalogue are not in the index (4)" in problems
    assert "photos/2" in problems
    store.drop("gallery__g000001")
    with pytest.raises(GenerationUnusable):
        open_backend(lite).generations.load(1)


def test_one_writer_at_a_time_on_all_machines(lite: str, faces: DrawnFolder, tmp_path: Path) -> None:
    store = opened(lite)
    with (
        Lease(store, "gallery", lite, tmp_path).held(),
        pytest.raises(GalleryBusy, match="another niteru is at work"),
    ):
        update(lite, faces.folder, crops=True)
    assert update(lite, faces.folder, crops=True).generation == 1


def opened(lite: str) -> Store:
    store = Store(Address.read(lite).uri, lite)
    store.may_make = True
    return store


def test_a_lapsed_lease_is_lost_to_its_holder(lite: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    store = opened(lite)
    one, other = (Lease(store, "gallery", lite, tmp_path / name) for name in ("here", "there"))
    with ExitStack() as dead:
        dead.enter_context(one.held())
        one.check()
        with pytest.raises(GalleryBusy, match="if it died"), other.held():
            pass
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 301)
        with pytest.raises(GalleryBusy, match="another machine may write now"):
            one.check()
        with other.held():
            other.check()
            dead.close()  # the one that lapsed ends, and leaves the other's alone
            with pytest.raises(GalleryBusy), Lease(store, "gallery", lite, tmp_path / "here").held():
                pass
    with Lease(store, "gallery", lite, tmp_path / "here").held():
        pass


def test_an_earlier_holder_from_the_same_folder_is_dead(lite: str, tmp_path: Path) -> None:
    store = opened(lite)
    with Lease(store, "gallery", lite, tmp_path).held(), Lease(store, "gallery", lite, tmp_path).held():
        pass


def test_milvus_lite_serves_one_process(lite: str, faces: DrawnFolder) -> None:
    update(lite, faces.folder, crops=True)
    done = niteru("stats", "--gallery", lite)
    assert done.returncode == 1
    assert "another process is using it" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_that_does_not_answer_is_reported_soon(faces: DrawnFolder, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"milvus://127.0.0.1:{free.getsockname()[1]}/x"
    start = time.monotonic()
    env = {"NITERU_CACHE": str(tmp_path), "NITERU_CROPS": str(tmp_path / "crops")}
    for words in (("stats",), ("index", faces.folder, "--crops")):
        done = niteru(*words, "--gallery", address, env=env)
        assert done.returncode == 1
        assert done.stderr.startswith(f"niteru: {address}: ")
        assert "Traceback" not in done.stderr
    assert time.monotonic() - start < 40
    client = create_app({"GALLERY": address}).test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_a_gallery_on_a_server_needs_a_folder_for_crops(monkeypatch: pytest.MonkeyPatch, lite: str) -> None:
    monkeypatch.delenv("NITERU_CROPS", raising=False)
    backend = open_backend("milvus://127.0.0.1:1/x")
    monkeypatch.setattr(type(backend), "exists", lambda _: False)
    with pytest.raises(BackendUnavailable, match="NITERU_CROPS"):
        _ = backend.crops


def test_a_graph_in_milvus_reaches_the_recall(lite: str, faces: DrawnFolder) -> None:
    assert update(lite, faces.folder, crops=True, kind="hnsw").generation == 1
    manifest = open_backend(lite).generations.manifest(1)
    assert manifest["kind"] == "hnsw"
    assert manifest["recall_of_others"] >= 0.98
    with pytest.raises(GenerationUnusable, match="no index of kind annoy"):
        update(lite, faces.folder, crops=True, kind="annoy")
    assert open_backend(lite).generations.current() == 1


def test_a_graph_in_milvus_that_misses_too_much_is_not_published(
    lite: str, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> tuple[int, float]:
        raise RecallTooLow("not good enough", 0.5)

    monkeypatch.setattr("niteru.indexer.storage.milvus.generation_store.least_effort", refuse)
    with pytest.raises(RecallTooLow):
        update(lite, faces.folder, crops=True, kind="hnsw")
    assert open_backend(lite).generations.current() is None
    assert open_backend(lite).generations.published() == []


def test_another_machine_completes_an_interrupted_forgetting(
    lite: str, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    update(lite, faces.folder, crops=True)
    delete = Store.delete

    def breaks(self: Store, name: str, keys: list) -> None:
        delete(self, name, keys)
        if any(str(key).startswith("photos/") for key in keys):
            raise BackendUnavailable("gone")

    monkeypatch.setattr(Store, "delete", breaks)
    with pytest.raises(BackendUnavailable, match="gone"):
        forget(lite, faces.names[3])
    monkeypatch.undo()
    shutil.rmtree(open_backend(lite).folder)
    again = update(lite, faces.folder, crops=True)
    assert set(again.skipped.values()) == {"forgotten"}
    assert again.people == 5
    live = LiveGallery(lite)
    with closing(live.open()) as asked:
        assert asked.queries.faces_of_person(faces.names[3]) == []
    with closing(Gallery(lite)) as gallery:
        assert not gallery.catalog.erasing()


def test_another_machine_removes_its_reports_when_it_catches_up_with_a_forgetting(
    lite: str, faces: DrawnFolder, tmp_path: Path
) -> None:
    from niteru.serve.report.report import write_report

    update(lite, faces.folder, crops=True)
    here = open_backend(lite).folder
    with closing(Gallery(lite)) as gallery:
        write_report(gallery, tmp_path / "elsewhere" / "report")
    shutil.copytree(here, tmp_path / "asleep")  # the other machine's folder, as it is now
    shutil.rmtree(here)
    forget(lite, faces.names[0])
    assert (tmp_path / "elsewhere" / "report" / "index.html").exists()
    shutil.rmtree(here)
    shutil.move(tmp_path / "asleep", here)
    with closing(Gallery(lite)) as gallery:
        assert len(gallery.catalog.queries.people()) == 5
    assert not (tmp_path / "elsewhere" / "report").exists()


def test_a_reader_leaves_the_writers_copy_alone(lite: str, faces: DrawnFolder) -> None:
    update(lite, faces.folder, crops=True)
    with Gallery.writing(lite) as writer:
        inode = (writer.folder / "catalog.sqlite").stat().st_ino
        with writer.catalog.transaction():
            writer.catalog.set_setting("x", "1")
        opened(lite).put(
            "gallery__catalog",
            [{"key": "state", "body": '{"token": "?", "open": false, "last": 0}', "vector": [0.0, 0.0]}],
        )
        with closing(Gallery(lite)) as reader:
            assert reader.catalog.queries.setting("x") == "1"
        assert (writer.folder / "catalog.sqlite").stat().st_ino == inode


def test_two_galleries_leave_one_another_alone(lite: str, tmp_path: Path) -> None:
    store = opened(lite)
    for name in ("faces", "faces_group", "faces_g1"):
        Mirror(store, name, tmp_path / "unused", lambda: None).begin()
    from niteru.indexer.storage.milvus.generation_store import MilvusGenerationStore

    MilvusGenerationStore(store, "faces", tmp_path / "unused", lite, lambda: None).sweep()
    Mirror(store, "faces", tmp_path / "unused", lambda: None).sweep()
    assert store.collections(r".*__catalog_1") == [
        f"{name}__catalog_1" for name in ("faces", "faces_g1", "faces_group")
    ]


def test_a_folder_needs_no_milvus(faces: DrawnFolder, tmp_path: Path) -> None:
    """Importing it takes time."""
    program = (
        "import sys; from niteru.indexer.update.enrol import update;"
        " update(sys.argv[1], __import__('pathlib').Path(sys.argv[2]), crops=True); print('pymilvus' in sys.modules)"
    )
    words = [sys.executable, "-c", program, str(tmp_path / "gallery"), str(faces.folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert Embedder().info.dimension


def test_all_machines_know_the_gallery_by_one_id(lite: str, faces: DrawnFolder, tmp_path: Path) -> None:
    update(lite, faces.folder, crops=True)
    here, backend = open_backend(lite).folder, open_backend(lite)
    with closing(Gallery(lite)) as gallery:
        first = gallery.origin
    assert backend.origin() == first
    shutil.rmtree(here)  # the copy of another machine is made from Milvus
    with closing(Gallery(lite)) as gallery:
        assert gallery.origin == first
    forget(lite, faces.names[0])
    assert (backend.origin().gallery, backend.origin().erasures) == (first.gallery, first.erasures + 1)
