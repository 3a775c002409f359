"""One contract, every backend: a folder, Milvus Lite, and a Milvus server where NITERU_TEST_MILVUS says one is."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest
from conftest import DrawnFolder, niteru, write_image

pytest.importorskip("pymilvus")
pytest.importorskip("milvus_lite")

from niteru.engine.embedding.embedder import Embedder
from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.ask.lookalike import Question, ask
from niteru.indexer.ask.persons import everybody
from niteru.indexer.ask.stats import stats
from niteru.indexer.catalog.database import CatalogError
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.generation import GenerationUnusable
from niteru.indexer.generations.index.recall import RecallTooLow
from niteru.indexer.storage.address import BackendUnavailable, BadAddress, GalleryBusy
from niteru.indexer.storage.milvus.address import Address
from niteru.indexer.storage.milvus.lease import Lease
from niteru.indexer.storage.milvus.mirror import Mirror
from niteru.indexer.storage.milvus.store import Store
from niteru.indexer.storage.open import open_backend
from niteru.indexer.update.copying import CopyDiffers, copy_gallery
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.verifying import verify
from niteru.serve.http.app import create_app

SERVER = os.environ.get("NITERU_TEST_MILVUS", "")
BACKENDS = ["folder", "lite", *(["server"] if SERVER else [])]
ODD = ['O"Neill', "back\\slash", "a 'quoted' one", "線 %_", "e\u0301le\u0300ve"]


def place_of(backend: str, folder: Path) -> str:
    if backend == "folder":
        return str(folder / "gallery")
    if backend == "lite":
        return f"milvus:{folder / 'milvus'}"
    os.environ["NITERU_CROPS"] = str(folder / "crops")
    return f"{SERVER}/t{time.time_ns()}"


@pytest.fixture(params=BACKENDS)
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("NITERU_CACHE", str(tmp_path / "cache"))
    return place_of(request.param, tmp_path)


@pytest.fixture
def lite(tmp_path: Path) -> str:
    return place_of("lite", tmp_path)


def answers(place: str, who: str) -> list[tuple[str, float]]:
    """Who looks like somebody's first face, as a service says it."""
    live = LiveGallery(place)
    with closing(live.open()) as asked:
        face = asked.queries.faces_of_person(who)[0]
        vector = asked.vector(face.id)
        assert vector is not None
        found = ask(asked, Question(vector, face.person_id, mode="all"))
    return sorted((row.person, round(row.similarity, 4)) for row in found.results)  # equally alike ones in any order


def test_enrolled_changed_removed_and_asked(place: str, faces: DrawnFolder, tmp_path: Path) -> None:
    first = update(place, faces.folder, crops=True)
    assert (len(first.added), first.people, first.generation) == (18, 6, 1)
    again = update(place, faces.folder, crops=True)
    assert (again.unchanged, again.generation) == (18, 1)
    (faces.folder / faces.ref(0)).unlink()
    shutil.copyfile(faces.folder / faces.ref(1), faces.folder / faces.ref(2))
    last = update(place, faces.folder, crops=True)
    assert (last.removed, last.changed, last.generation) == ([faces.ref(0)], [faces.ref(2)], 2)
    with closing(Gallery(place)) as gallery:
        numbers = stats(gallery)
        assert (numbers.people, numbers.photos, numbers.faces, numbers.unlabelled) == (6, 17, 17, 0)
        assert (numbers.generation, numbers.index, numbers.recall) == (2, "flat", 1.0)
        assert len(everybody(gallery)) == 6
    assert verify(place).problems == []
    update(tmp_path / "beside", faces.folder, crops=True)
    for name in faces.names:
        assert answers(place, name) == answers(str(tmp_path / "beside"), name)


def test_a_person_is_left_out_of_a_search(place: str, faces: DrawnFolder) -> None:
    update(place, faces.folder, crops=True)
    with closing(Gallery(place)) as gallery:
        current = gallery.generation
        face = gallery.catalog.queries.faces_of_person(faces.names[0])[0]
        vector = current.vector(face.id)
        assert vector is not None
        alike = current.vectors(current.face_ids) @ vector
        others = current.person_ids != face.person_id
        found = current.nearest(vector, 5, face.person_id)
        np.testing.assert_allclose(found.similarities, np.sort(alike[others])[::-1][:5], atol=1e-5)
        assert (found.person_ids != face.person_id).all()
        assert len(current.nearest(vector, 100).face_ids) == 18
        assert current.nearest(vector, 1).face_ids.tolist() == [face.id]
        assert [current.faces_of(person) for person in (face.person_id, 999)] == [3, 0]
        assert current.vector(999) is None
        assert current.hubness_of(999) == 0


def test_odd_names_are_found(place: str, faces: DrawnFolder, drawn_crops: dict[str, list[np.ndarray]]) -> None:
    for name, crop in zip(ODD, drawn_crops[faces.names[0]] * 2, strict=False):
        write_image(faces.folder / name / "1.png", crop)
    update(place, faces.folder, crops=True)
    live = LiveGallery(place)
    with closing(live.open()) as asked:
        names = {name for _, name, _ in asked.queries.people()}
        for name in ODD:
            found = asked.resolve(f"{name}/1.png")
            assert found is not None
            assert found.person in names
            assert [face.id for face in asked.queries.faces_of_person(str(found.person))] == [found.id]


def test_the_forgotten_are_gone_at_once_and_stay_out(place: str, faces: DrawnFolder) -> None:
    update(place, faces.folder, crops=True)
    gone = faces.names[2]
    live = LiveGallery(place)
    with closing(live.open()) as asked:
        ids = [face.id for face in asked.queries.faces_of_person(gone)]
    receipt = forget(place, gone)
    assert receipt.clean
    assert (receipt.faces, receipt.questions, receipt.answered) == (3, 3, 0)
    assert open_backend(place).generations.published() == [receipt.generation]
    assert open_backend(place).crops.kept().isdisjoint(ids)
    with closing(live.open()) as asked:  # a service that was there before
        assert asked.queries.faces(ids) == {}
        assert asked.generation.number == receipt.generation
    again = update(place, faces.folder, crops=True)
    assert set(again.skipped.values()) == {"forgotten"}
    assert again.people == 5
    assert verify(place).problems == []


def test_the_generation_before_comes_back(place: str, faces: DrawnFolder) -> None:
    generations = open_backend(place).generations
    with pytest.raises(GenerationUnusable, match="nothing is indexed yet"):
        generations.load()
    update(place, faces.folder, crops=True)
    with pytest.raises(GenerationUnusable, match="no generation before"):
        generations.rollback()
    for photo in range(3):
        (faces.folder / faces.ref(photo)).unlink()
        update(place, faces.folder, crops=True)
    assert generations.published() == [2, 3, 4]
    assert generations.rollback() == 3
    assert generations.load().number == 3
    assert update(place, faces.folder, crops=True).generation == 5
    generations.withdraw()
    assert generations.current() is None
    assert update(place, faces.folder, crops=True).generation == 6, "no number is given twice"


def test_a_service_answers_the_same_whatever_the_house(tmp_path: Path, lite: str, faces: DrawnFolder) -> None:
    said = []
    for place in (str(tmp_path / "folder"), lite):
        update(place, faces.folder, crops=True)
        client = create_app({"GALLERY": place}).test_client()
        answer = client.get(f"/similar?image={faces.ref(0)}&explain=1").json
        answer = {key: answer[key] for key in ("gallery", "query", "results", "same_person")}
        picture = client.get("/faces/1.jpg")
        assert picture.status_code == 200
        assert client.get("/faces/1.jpg", headers={"If-None-Match": picture.headers["ETag"]}).status_code == 304
        person = client.get(f"/people/{faces.names[1]}").json
        said.append((answer, client.get("/people").json, person, client.get("/faces/2").json, picture.data))
        assert client.get("/faces/99").status_code == 404
        assert client.get("/people/Nobody").status_code == 404
    np.testing.assert_equal(said[0], said[1])


def test_another_machine_makes_its_own_copy(lite: str, faces: DrawnFolder) -> None:
    update(lite, faces.folder, crops=True)
    with closing(Gallery(lite)) as gallery:
        before = gallery.catalog.queries.labelled_vectors(gallery.generation.model)
    shutil.rmtree(open_backend(lite).folder)
    with closing(Gallery(lite)) as gallery:
        after = gallery.catalog.queries.labelled_vectors(gallery.generation.model)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)
    summary = update(lite, faces.folder, crops=True)
    assert (summary.unchanged, summary.generation) == (18, 1)


@pytest.mark.parametrize("fails_at", [1, 3, 5, 7, 9])
def test_milvus_gone_in_the_middle_costs_nothing(
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


def test_damages_are_told(lite: str, faces: DrawnFolder) -> None:
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


def test_a_lease_lapses_and_is_then_nobodys_of_before(
    lite: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_who_held_it_from_the_same_folder_is_dead(lite: str, tmp_path: Path) -> None:
    store = opened(lite)
    with Lease(store, "gallery", lite, tmp_path).held(), Lease(store, "gallery", lite, tmp_path).held():
        pass


def test_milvus_lite_bears_one_process(lite: str, faces: DrawnFolder) -> None:
    update(lite, faces.folder, crops=True)
    done = niteru("stats", "--gallery", lite)
    assert done.returncode == 1
    assert "another process is using it" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "place",
    [
        "milvus:",
        "milvus://",
        "milvus://host",
        "milvus://host/1x",
        "milvus://host:x/a",
        "milvus://host/a__b",
        "s3://b/g",
    ],
)
def test_a_bad_address_is_told(place: str) -> None:
    with pytest.raises(BadAddress, match=r"milvus:"):
        open_backend(place)


def test_nobody_at_the_address_is_told_soon(faces: DrawnFolder, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"milvus://127.0.0.1:{free.getsockname()[1]}/x"
    start = time.monotonic()
    env = {"NITERU_CACHE": str(tmp_path), "NITERU_CROPS": str(tmp_path / "crops")}
    for words in (("stats",), ("index", faces.folder, "--crops")):
        done = niteru(*words, "--gallery", place, env=env)
        assert done.returncode == 1
        assert done.stderr.startswith(f"niteru: {place}: ")
        assert "Traceback" not in done.stderr
    assert time.monotonic() - start < 40
    client = create_app({"GALLERY": place}).test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_without_a_place_for_crops_a_server_is_refused(monkeypatch: pytest.MonkeyPatch, lite: str) -> None:
    monkeypatch.delenv("NITERU_CROPS", raising=False)
    backend = open_backend("milvus://127.0.0.1:1/x")
    monkeypatch.setattr(type(backend), "exists", lambda _: False)
    with pytest.raises(BackendUnavailable, match="NITERU_CROPS"):
        _ = backend.crops


def test_a_graph_finds_enough_or_is_not_published(lite: str, faces: DrawnFolder) -> None:
    assert update(lite, faces.folder, crops=True, kind="hnsw").generation == 1
    manifest = open_backend(lite).generations.manifest(1)
    assert manifest["kind"] == "hnsw"
    assert manifest["recall_of_others"] >= 0.98
    with pytest.raises(GenerationUnusable, match="no index of kind annoy"):
        update(lite, faces.folder, crops=True, kind="annoy")
    assert open_backend(lite).generations.current() == 1


def test_a_graph_that_misses_too_much(lite: str, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> tuple[int, float]:
        raise RecallTooLow("not good enough", 0.5)

    monkeypatch.setattr("niteru.indexer.storage.milvus.generation_store.least_effort", refuse)
    with pytest.raises(RecallTooLow):
        update(lite, faces.folder, crops=True, kind="hnsw")
    assert open_backend(lite).generations.current() is None
    assert open_backend(lite).generations.published() == []


def test_a_copy_there_and_back_is_the_same(tmp_path: Path, lite: str, faces: DrawnFolder) -> None:
    first, last = str(tmp_path / "first"), str(tmp_path / "last")
    update(first, faces.folder, crops=True)
    forget(first, faces.names[0])
    there = copy_gallery(first, lite)
    back = copy_gallery(lite, last)
    assert (there.faces, back.faces, there.questions, back.questions) == (15, 15, 15, 15)
    with closing(Gallery(first)) as one, closing(Gallery(last)) as other:
        for table in ("people", "photos", "faces", "wishes"):
            assert list(one.catalog.tables.rows(table, 1000)) == list(other.catalog.tables.rows(table, 1000))
        for face in one.catalog.queries.face_ids():
            assert one.crops.data(face) == other.crops.data(face)
    for name in faces.names[1:]:
        assert answers(first, name) == answers(last, name) == answers(lite, name)
    assert update(last, faces.folder, crops=True).unchanged == 15
    with pytest.raises(CatalogError, match="holds photos already"):
        copy_gallery(first, last)


def test_half_a_copy_is_nothing_and_goes_on(
    tmp_path: Path, lite: str, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = str(tmp_path / "first")
    update(first, faces.folder, crops=True)
    carry = Mirror.carry_over
    calls = 0

    def breaks(self: Mirror, *words: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 6:
            raise BackendUnavailable("gone")
        carry(self, *words)  # type: ignore[arg-type]

    monkeypatch.setattr(Mirror, "carry_over", breaks)
    with pytest.raises(BackendUnavailable, match="gone"):
        copy_gallery(first, lite)
    monkeypatch.undo()
    with pytest.raises(CatalogError, match="half a copy: end it with niteru copy"):
        update(lite, faces.folder, crops=True)
    with pytest.raises(CatalogError, match="half a copy of"):
        copy_gallery(tmp_path / "another", lite) if update(tmp_path / "another", faces.folder, crops=True) else None
    # The source moves on meanwhile: a photo goes, a person gets another name.
    (faces.folder / faces.ref(0)).unlink()
    (faces.folder / faces.names[1]).rename(faces.folder / "Somebody")
    update(first, faces.folder, crops=True)
    assert copy_gallery(first, lite).faces == 17
    assert verify(lite).problems == []


def test_a_copy_that_stops_while_it_publishes_goes_on(
    tmp_path: Path, lite: str, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    update(tmp_path / "first", faces.folder, crops=True)

    def breaks(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("niteru.indexer.storage.milvus.generation_store.MilvusGenerationStore.publish", breaks)
    with pytest.raises(KeyboardInterrupt):
        copy_gallery(tmp_path / "first", lite)
    monkeypatch.undo()
    with pytest.raises(CatalogError, match="half a copy"):
        verify(lite)
    assert copy_gallery(tmp_path / "first", lite).questions == 18


def test_a_photo_has_its_new_name_in_every_house(place: str, faces: DrawnFolder) -> None:
    update(place, faces.folder, crops=True)
    old, new = faces.ref(0), f"{faces.names[0]}/new.png"
    (faces.folder / old).rename(faces.folder / new)
    assert update(place, faces.folder, crops=True).moved == [new]
    live = LiveGallery(place)
    with closing(live.open()) as asked:
        assert asked.resolve(old) is None
        found = asked.resolve(new)
        assert found is not None
        assert found.person == faces.names[0]
    assert verify(place).problems == []


def test_a_forgetting_that_another_machine_ends(lite: str, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_reports_of_another_machine_go_when_it_hears_of_a_forgetting(
    lite: str, faces: DrawnFolder, tmp_path: Path
) -> None:
    from niteru.serve.report.report import write_report

    update(lite, faces.folder, crops=True)
    here = open_backend(lite).folder
    with closing(Gallery(lite)) as gallery:
        write_report(gallery, tmp_path / "report")
    shutil.copytree(here, tmp_path / "asleep")  # the other machine's folder, as it is now
    shutil.rmtree(here)
    forget(lite, faces.names[0])
    assert (tmp_path / "report" / "index.html").exists()
    shutil.rmtree(here)
    shutil.move(tmp_path / "asleep", here)
    with closing(Gallery(lite)) as gallery:
        assert len(gallery.catalog.queries.people()) == 5
    assert not (tmp_path / "report").exists()


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


def test_a_gallery_within_the_photos_is_no_photo(faces: DrawnFolder) -> None:
    place = f"milvus:{faces.folder / 'gallery'}"
    for _ in range(2):
        assert update(place, faces.folder, crops=True).people == 6


def test_a_mistyped_folder_is_not_made(tmp_path: Path) -> None:
    for words in (("stats",), ("verify",), ("similar", "face:1"), ("rollback",), ("forget", "X")):
        done = niteru(*words, "--gallery", f"milvus:{tmp_path / 'typo'}")
        assert done.returncode == 1
        assert re.search("no gallery here|nothing is indexed yet", done.stderr), done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "typo").exists()
    done = niteru("serve", "--workers", "2", "--gallery", f"milvus:{tmp_path / 'typo'}")
    assert done.returncode == 2


def test_a_copy_that_is_none_is_told(tmp_path: Path, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    update(tmp_path / "first", faces.folder, crops=True)
    monkeypatch.setattr("niteru.indexer.update.copying._answer_alike", lambda *_: False)
    with pytest.raises(CopyDiffers, match="answered otherwise"):
        copy_gallery(tmp_path / "first", tmp_path / "other")


def test_the_commands_know_the_addresses(lite: str, faces: DrawnFolder, tmp_path: Path) -> None:
    done = niteru("index", faces.folder, "--crops", "--gallery", lite, "--json")
    assert json.loads(done.stdout)["faces"] == 18, done.stderr
    assert done.stderr == ""
    assert json.loads(niteru("verify", "--gallery", lite, "--json").stdout)["ok"]
    said = json.loads(niteru("similar", faces.ref(0), "--gallery", lite, "--json").stdout)
    assert len(said["results"]) + len(said["same_person"]) == 5
    done = niteru("copy", lite, tmp_path / "folder", "--json")
    assert json.loads(done.stdout)["questions"] == 18, done.stderr
    done = niteru("report", "--gallery", lite, "--out", tmp_path / "report", "--json")
    assert json.loads(done.stdout)["people"] == 6, done.stderr


def test_a_folder_needs_no_milvus(faces: DrawnFolder, tmp_path: Path) -> None:
    """Nor the time that its import takes."""
    program = (
        "import sys; from niteru.indexer.update.enrol import update;"
        " update(sys.argv[1], __import__('pathlib').Path(sys.argv[2]), crops=True); print('pymilvus' in sys.modules)"
    )
    words = [sys.executable, "-c", program, str(tmp_path / "gallery"), str(faces.folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert Embedder().info.dimension
