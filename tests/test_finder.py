"""The finders behind their contract."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import write_image

from engine.alignment import TEMPLATE
from engine.drawn import draw, person
from engine.extraction import NoFace, extract
from engine.finder import Face, FinderMissing, LandmarkFinder, WholePicture, load_finder


class Scripted(LandmarkFinder):
    """Finds faces only in pictures of at least a given size."""

    def __init__(self, least: int, *boxes: tuple[int, int, int, int]) -> None:
        self.least, self.boxes = least, boxes

    def _detect(self, image: np.ndarray) -> list[Face]:
        if image.shape[0] < self.least:
            return []
        return [Face(box, TEMPLATE + np.float32([box[0], box[1]]), 0.99) for box in self.boxes]


def test_the_largest_face_comes_first() -> None:
    finder = Scripted(0, (0, 0, 10, 10), (5, 5, 30, 40), (1, 1, 20, 20))
    assert [face.box[2] for face in finder.find(np.zeros((50, 50, 3), np.uint8))] == [30, 20, 10]


def test_a_tight_crop_is_tried_again_with_room_and_answered_in_its_own_pixels() -> None:
    (face,) = Scripted(101, (30, 30, 100, 100)).find(np.zeros((100, 100, 3), np.uint8))
    assert face.box == (0, 0, 100, 100)
    assert np.allclose(face.landmarks, TEMPLATE)


def test_a_crop_is_its_own_face() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (112, 112, 3), dtype=np.uint8)
    finder = WholePicture()
    (face,) = finder.find(pixels)
    assert face.box == (0, 0, 112, 112)
    assert np.allclose(face.landmarks, TEMPLATE)
    assert np.array_equal(finder.crop(pixels, face), pixels)


def test_no_face_is_a_reason() -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    with pytest.raises(NoFace):
        extract(cv2.imencode(".png", image)[1].tobytes(), Scripted(1000))


def test_a_missing_finder_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(FinderMissing, match=r"pip install 'niteru\[train\]'"):
        load_finder()
    assert load_finder(crops=True).name == "crops"


@pytest.fixture(scope="module")
def finder():
    pytest.importorskip("mtcnn")
    pytest.importorskip("tensorflow")
    return load_finder()


def test_drawn_faces_are_found_where_they_were_drawn(finder) -> None:
    errors = []
    for number in range(4):
        drawing = draw(person(number), 0)
        face = finder.find(drawing.image)[0]
        apart = np.hypot(*(drawing.landmarks[1] - drawing.landmarks[0]))
        errors.append(np.linalg.norm(face.landmarks - drawing.landmarks, axis=1).mean() / apart)
    assert np.mean(errors) < 0.12


def test_a_wall_has_no_face(finder) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    assert finder.find(noise) == []


def test_index_and_ask_with_photographs(finder, tmp_path: Path) -> None:
    """The whole road in one process each, on whole pictures: find, enrol, ask with a new photo."""
    for number in range(3):
        who = person(number)
        for photo in range(2):
            write_image(tmp_path / "faces" / who.name / f"{photo}.png", draw(who, photo).image)
    write_image(tmp_path / "faces" / person(0).name / "wall.png", np.full((90, 90, 3), 127, np.uint8))
    gallery = tmp_path / "gallery"
    done = run("index", tmp_path / "faces", "--gallery", gallery, "--json")
    said = json.loads(done.stdout)
    assert said["people"] == 3
    assert said["added"] >= 5
    assert {"photo": f"{person(0).name}/wall.png", "reason": "no-face"} in said["skipped"]
    write_image(tmp_path / "new.png", draw(person(2), 5).image)
    answer = json.loads(run("similar", tmp_path / "new.png", "--gallery", gallery, "--json").stdout)
    assert answer["query"]["faces_found"] == 1
    assert (answer["same_person"] + answer["results"])[0]["person"] == person(2).name


def run(*words: object) -> subprocess.CompletedProcess:
    command = [str(Path(sys.executable).with_name("niteru")), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done
