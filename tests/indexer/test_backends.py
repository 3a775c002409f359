"""One contract, every backend: a folder, Milvus Lite, and a Milvus server where NITERU_TEST_MILVUS says one is."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from support.command import niteru
from support.drawn import DrawnFolder, write_image

pytest.importorskip("pymilvus")
pytest.importorskip("milvus_lite")

from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.ask.persons import everybody
from niteru.indexer.ask.stats import stats
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.generation import GenerationUnusable
from niteru.indexer.storage.address import BadAddress
from niteru.indexer.storage.open import open_backend
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.verifying import verify
from niteru.serve.http.app import create_app
from support.backends import answers

ODD = ['O"Neill', "back\\slash", "a 'quoted' one", "線 %_", "e\u0301le\u0300ve"]


def test_photos_are_enrolled_changed_removed_and_found(address: str, faces: DrawnFolder, tmp_path: Path) -> None:
    first = update(address, faces.folder, crops=True)
    assert (len(first.added), first.people, first.generation) == (18, 6, 1)
    again = update(address, faces.folder, crops=True)
    assert (again.unchanged, again.generation) == (18, 1)
    (faces.folder / faces.ref(0)).unlink()
    shutil.copyfile(faces.folder / faces.ref(1), faces.folder / faces.ref(2))
    last = update(address, faces.folder, crops=True)
    assert (last.removed, last.changed, last.generation) == ([faces.ref(0)], [faces.ref(2)], 2)
    with closing(Gallery(address)) as gallery:
        numbers = stats(gallery)
        assert (numbers.people, numbers.photos, numbers.faces, numbers.unlabelled) == (6, 17, 17, 0)
        assert (numbers.generation, numbers.index, numbers.recall) == (2, "flat", 1.0)
        assert len(everybody(gallery)) == 6
    assert verify(address).problems == []
    update(tmp_path / "beside", faces.folder, crops=True)
    for name in faces.names:
        assert answers(address, name) == answers(str(tmp_path / "beside"), name)


def test_a_person_is_left_out_of_a_search(address: str, faces: DrawnFolder) -> None:
    update(address, faces.folder, crops=True)
    with closing(Gallery(address)) as gallery:
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
        assert current.hubness_of([999, face.id]).tolist()[0] == 0


def test_odd_names_are_found(address: str, faces: DrawnFolder, drawn_crops: dict[str, list[np.ndarray]]) -> None:
    for name, crop in zip(ODD, drawn_crops[faces.names[0]] * 2, strict=False):
        write_image(faces.folder / name / "1.png", crop)
    update(address, faces.folder, crops=True)
    live = LiveGallery(address)
    with closing(live.open()) as asked:
        names = {name for _, name, _ in asked.queries.people()}
        for name in ODD:
            found = asked.resolve(f"{name}/1.png")
            assert found is not None
            assert found.person in names
            assert [face.id for face in asked.queries.faces_of_person(str(found.person))] == [found.id]


def test_the_forgotten_are_gone_at_once_and_stay_out(address: str, faces: DrawnFolder) -> None:
    update(address, faces.folder, crops=True)
    gone = faces.names[2]
    live = LiveGallery(address)
    with closing(live.open()) as asked:
        ids = [face.id for face in asked.queries.faces_of_person(gone)]
    receipt = forget(address, gone)
    assert receipt.clean
    assert (receipt.faces, receipt.questions, receipt.answered) == (3, 3, 0)
    assert open_backend(address).generations.published() == [receipt.generation]
    assert open_backend(address).crops.kept().isdisjoint(ids)
    with closing(live.open()) as asked:  # a service that was there before
        assert asked.queries.faces(ids) == {}
        assert asked.generation.number == receipt.generation
    again = update(address, faces.folder, crops=True)
    assert set(again.skipped.values()) == {"forgotten"}
    assert again.people == 5
    assert verify(address).problems == []


def test_rollback_brings_the_generation_before_back(address: str, faces: DrawnFolder) -> None:
    generations = open_backend(address).generations
    with pytest.raises(GenerationUnusable, match="nothing is indexed yet"):
        generations.load()
    update(address, faces.folder, crops=True)
    with pytest.raises(GenerationUnusable, match="no generation before"):
        generations.rollback()
    for photo in range(3):
        (faces.folder / faces.ref(photo)).unlink()
        update(address, faces.folder, crops=True)
    assert generations.published() == [2, 3, 4]
    assert generations.rollback() == 3
    assert generations.load().number == 3
    assert update(address, faces.folder, crops=True).generation == 5
    generations.withdraw()
    assert generations.current() is None
    assert update(address, faces.folder, crops=True).generation == 6, "no number is given twice"


def test_a_service_answers_the_same_whatever_the_backend(tmp_path: Path, lite: str, faces: DrawnFolder) -> None:
    by_backend = []
    for address in (str(tmp_path / "folder"), lite):
        update(address, faces.folder, crops=True)
        client = create_app({"GALLERY": address}).test_client()
        answer = client.get(f"/similar?image={faces.ref(0)}&explain=1").json
        answer = {key: answer[key] for key in ("gallery", "query", "results", "same_person")}
        picture = client.get("/faces/1.jpg")
        assert picture.status_code == 200
        assert client.get("/faces/1.jpg", headers={"If-None-Match": picture.headers["ETag"]}).status_code == 304
        person = client.get(f"/people/{faces.names[1]}").json
        people, face = client.get("/people").json, client.get("/faces/2").json
        face.pop("size")  # of the photo, which only a gallery in a folder knows where to find
        by_backend.append((answer, people, person, face, picture.data))
        assert client.get("/faces/99").status_code == 404
        assert client.get("/people/Nobody").status_code == 404
    np.testing.assert_equal(*by_backend)


@pytest.mark.parametrize(
    "address",
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
def test_a_bad_address_is_refused(address: str) -> None:
    with pytest.raises(BadAddress, match=r"milvus:"):
        open_backend(address)


def test_a_photo_has_its_new_name_in_every_backend(address: str, faces: DrawnFolder) -> None:
    update(address, faces.folder, crops=True)
    old, new = faces.ref(0), f"{faces.names[0]}/new.png"
    (faces.folder / old).rename(faces.folder / new)
    assert update(address, faces.folder, crops=True).moved == [new]
    live = LiveGallery(address)
    with closing(live.open()) as asked:
        assert asked.resolve(old) is None
        found = asked.resolve(new)
        assert found is not None
        assert found.person == faces.names[0]
    assert verify(address).problems == []


def test_a_gallery_among_the_photos_is_not_enrolled(faces: DrawnFolder) -> None:
    address = f"milvus:{faces.folder / 'gallery'}"
    for _ in range(2):
        assert update(address, faces.folder, crops=True).people == 6


def test_the_commands_take_addresses(lite: str, faces: DrawnFolder, tmp_path: Path) -> None:
    done = niteru("index", faces.folder, "--crops", "--gallery", lite, "--json")
    assert json.loads(done.stdout)["faces"] == 18, done.stderr
    assert done.stderr == ""
    assert json.loads(niteru("verify", "--gallery", lite, "--json").stdout)["ok"]
    answer = json.loads(niteru("similar", faces.ref(0), "--gallery", lite, "--json").stdout)
    assert len(answer["results"]) == 5
    done = niteru("copy", lite, tmp_path / "folder", "--json")
    assert json.loads(done.stdout)["questions"] == 18, done.stderr
    done = niteru("report", "--gallery", lite, "--out", tmp_path / "report", "--json")
    assert json.loads(done.stdout)["people"] == 6, done.stderr
