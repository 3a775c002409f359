"""In photos with several faces, the label goes to the one that agrees with the person's other photos."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from niteru.engine.faces.detector import load_detector
from niteru.indexer.ask.lookalike import Question, ask
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.rows import PhotoFaces
from niteru.indexer.gallery import Gallery
from niteru.indexer.naming.own_face import choose
from niteru.indexer.update.enrol import update
from support.command import niteru
from support.drawings import drawn
from support.drawn import write_image

ANN, BOB, EVE = np.eye(3, 8, dtype=np.float32)


def photo(*faces: np.ndarray) -> PhotoFaces:
    rng = np.random.default_rng(len(faces))
    noisy = np.stack(faces) + rng.normal(0, 0.1, (len(faces), 8)).astype(np.float32)
    unit = noisy / np.linalg.norm(noisy, axis=1, keepdims=True)
    return PhotoFaces(np.arange(len(faces), dtype=np.int64), unit.astype(np.float32))


def test_the_face_of_the_other_photos_takes_the_label() -> None:
    assert choose([photo(ANN), photo(BOB, ANN), photo(ANN, BOB), photo(EVE, BOB, ANN)], 0.5) == [0, 1, 0, 2]


def test_without_photos_of_one_face_the_main_faces_agree_among_themselves() -> None:
    assert choose([photo(ANN, BOB), photo(ANN, EVE), photo(ANN, BOB), photo(BOB, ANN)], 0.5) == [0, 0, 0, 1]


def test_where_nothing_agrees_the_main_face_keeps_the_label() -> None:
    assert choose([photo(ANN, BOB)], 0.5) == [0]
    assert choose([photo(EVE), photo(ANN, BOB)], 0.5) == [0, 0]


def test_two_people_in_every_photo_do_not_take_turns() -> None:
    photos = [photo(ANN, BOB), photo(BOB, ANN), photo(BOB, ANN)]
    rows = choose(photos, 0.5)
    chosen = [one.vectors[row] for one, row in zip(photos, rows, strict=True)]
    assert min(float(a @ b) for a in chosen for b in chosen) > 0.5
    assert choose(photos[::-1], 0.5) == rows[::-1]


def test_a_face_that_lost_its_label_is_in_no_answer(tmp_path: Path, monkeypatch) -> None:
    """Between the new labels and the new generation, or when that fails, the old index still names the face."""
    faces, gallery = tmp_path / "faces", tmp_path / "gallery"
    for number in range(3):
        write_image(faces / "Eve" / f"{number}.png", drawn(5, number).image)
    write_image(faces / "Ann" / "party.png", two_people(11, 2, 5))
    update(gallery, faces)
    for number in range(3):
        write_image(faces / "Ann" / f"{number}.png", drawn(2, number).image)

    def full(*_: object) -> int:
        raise OSError("no space left")

    monkeypatch.setattr("niteru.indexer.storage.local.generation_store.LocalGenerationStore.publish", full)
    with pytest.raises(OSError, match="no space"):
        update(gallery, faces)
    opened = Gallery(gallery)
    vector = opened.vector(opened.resolve("Eve/0.png").id)
    answer = ask(opened, Question(vector, k=10, mode="all"))
    assert {row.person for row in answer.results} == {"Eve", "Ann", "unnamed 2"}, "as the catalogue has them now"
    assert next(row for row in answer.results if row.person == "Ann").hits[0].face.photo == "Ann/party.png"
    opened.close()


def test_detect_names_the_file_and_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    assert "empty.jpg: the file is empty" in niteru("detect", tmp_path / "empty.jpg").stderr
    photo = tmp_path / "a.png"
    write_image(photo, drawn(0).image)
    before = photo.read_bytes()
    assert "give --draw another name" in niteru("detect", photo, "--draw", photo).stderr
    assert photo.read_bytes() == before
    assert "cannot be written" in niteru("detect", photo, "--draw", tmp_path / "no" / "x.png").stderr


def test_a_closed_standard_error_stops_nothing(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", drawn(0).image)
    command = f"{Path(sys.executable).with_name('niteru')} detect {tmp_path / 'a.png'} 2>&-"
    done = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 0
    assert done.stdout.startswith("0: ")


def two_people(large: int, small: int, number: int) -> np.ndarray:
    """One picture of two drawn people, the second at half the size."""
    first, second = drawn(large, number).image, drawn(small, number).image
    second = cv2.resize(second, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    beside = np.full((first.shape[0], second.shape[1], 3), 128, np.uint8)
    beside[-second.shape[0] :] = second
    return np.hstack([first, beside])


def test_a_small_face_in_a_group_photo_is_enrolled_under_its_name(tmp_path: Path) -> None:
    faces, gallery = tmp_path / "faces", tmp_path / "gallery"
    for number in range(4):
        write_image(faces / "Ann" / f"{number}.png", drawn(2, number).image)
    write_image(faces / "Ann" / "party.png", two_people(11, 2, 5))
    summary = update(gallery, faces).to_dict()
    assert (summary["added"], summary["people"], summary["faces"], summary["groups"]) == (5, 1, 6, 1)
    opened = Gallery(gallery)
    labelled, other = opened.catalog.queries.faces_of_photo("Ann/party.png")
    assert (labelled.person, other.person) == ("Ann", "unnamed 1")
    assert labelled.box[2] < other.box[2]
    assert opened.resolve("Ann/party.png").id == labelled.id
    opened.close()
    # Enrolled one by one, the labels come out the same.
    late = tmp_path / "late"
    for name in ("party.png", "0.png", "1.png", "2.png", "3.png"):
        write_image(tmp_path / "some" / "Ann" / name, cv2.imread(str(faces / "Ann" / name))[..., ::-1])
        update(late, tmp_path / "some")
    catalog = Catalog(late / "catalog.sqlite", readonly=True)
    assert catalog.queries.faces_of_photo("Ann/party.png")[0].box == labelled.box
    catalog.close()


def test_detect_describes_and_draws_the_faces(tmp_path: Path) -> None:
    write_image(tmp_path / "two.png", two_people(11, 2, 5))
    done = niteru("detect", tmp_path / "two.png", "--draw", tmp_path / "marked.png", "--json")
    assert done.returncode == 0, done.stderr
    detected = json.loads(done.stdout)
    assert set(detected) == {"photo", "faces", "main"}
    assert detected["main"] == 0
    assert len(detected["faces"]) == len(load_detector().detect(two_people(11, 2, 5))) == 2
    assert set(detected["faces"][0]) == {"box", "landmarks", "score", "quality"}
    marked, plain = cv2.imread(str(tmp_path / "marked.png")), cv2.imread(str(tmp_path / "two.png"))
    assert marked.shape == plain.shape
    x, y, width, height = detected["faces"][0]["box"]
    changed = np.argwhere((marked != plain).any(axis=2))
    assert abs(changed[:, 1].max() - max(face["box"][0] + face["box"][2] for face in detected["faces"])) <= 40
    assert (marked[y + height, x : x + width] != plain[y + height, x : x + width]).any()
    refused = niteru("detect", tmp_path / "two.png", "--draw", tmp_path / "marked.txt")
    assert refused.returncode == 1
    assert "must end in" in refused.stderr
