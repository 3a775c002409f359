"""The drawn people: repeatable, truly labelled, distinct, and written so that a run can resume."""

import csv
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from niteru.engine.drawn import Drawing, draw, person, write_people
from niteru.engine.drawn.identity import Person
from niteru.engine.drawn.photo import locate
from niteru.engine.photos.own_work import DRAWN

HEADER = (
    "path,score,x,y,width,height,left_eye_x,left_eye_y,right_eye_x,right_eye_y,"
    "nose_x,nose_y,mouth_left_x,mouth_left_y,mouth_right_x,mouth_right_y"
)
CASES = [(number, photo) for number in (0, 3, 11) for photo in (0, 1, 2)]


def _upright(drawing: Drawing) -> NDArray[np.float64]:
    """Turn the landmarks so that the eyes lie level."""
    across = drawing.landmarks[1] - drawing.landmarks[0]
    across = across / np.linalg.norm(across)
    down = np.array([-across[1], across[0]])
    return np.stack([drawing.landmarks @ across, drawing.landmarks @ down], axis=1).astype(np.float64)


@pytest.mark.parametrize("number", [0, 9])
def test_same_arguments_give_same_bytes(number: int) -> None:
    first = draw(person(number), 4)
    person.cache_clear()
    second = draw(person(number), 4)
    assert first.image.tobytes() == second.image.tobytes()
    assert first.box == second.box
    assert np.array_equal(first.landmarks, second.landmarks)


def test_photo_and_seed_change_the_picture() -> None:
    pictures = [draw(person(2, seed), photo, (240, 300)).image for seed, photo in ((0, 0), (0, 1), (1, 0))]
    assert all(not np.array_equal(a, b) for a, b in pairwise(pictures))
    assert person(2, 0).shape != person(2, 1).shape


@pytest.mark.parametrize(("number", "photo"), CASES)
def test_picture_and_box_are_sound(number: int, photo: int) -> None:
    drawing = draw(person(number), photo)
    height, width = drawing.image.shape[:2]
    assert drawing.image.dtype == np.uint8
    assert drawing.image.shape[2] == 3
    assert 240 <= min(height, width) <= max(height, width) <= 400
    x, y, wide, tall = drawing.box
    assert x >= 0
    assert y >= 0
    assert x + wide <= width
    assert y + tall <= height
    assert 0.2 <= tall / height <= 0.65


@pytest.mark.parametrize(("number", "photo"), CASES)
def test_landmarks_lie_as_a_face_does(number: int, photo: int) -> None:
    drawing = draw(person(number), photo)
    assert drawing.landmarks.shape == (5, 2)
    assert drawing.landmarks.dtype == np.float32
    x, y, wide, tall = drawing.box
    inside = (drawing.landmarks >= [x, y]) & (drawing.landmarks <= [x + wide, y + tall])
    assert inside.all()
    assert drawing.landmarks[0, 0] < drawing.landmarks[1, 0]
    left_eye, right_eye, nose, mouth_left, mouth_right = _upright(drawing)
    assert mouth_left[0] < mouth_right[0]
    assert max(left_eye[1], right_eye[1]) < nose[1] < min(mouth_left[1], mouth_right[1])


def test_size_is_obeyed() -> None:
    assert draw(person(5), 0, (320, 260)).image.shape == (260, 320, 3)


def test_locate_agrees_with_draw() -> None:
    drawing = draw(person(7), 3)
    box, landmarks = locate(person(7), 3)
    assert box == drawing.box
    assert np.array_equal(landmarks, drawing.landmarks)


def _traits(who: Person) -> NDArray[np.float64]:
    return np.array([getattr(who.shape, name) for name in who.shape.__slots__])


def test_people_differ_and_siblings_less() -> None:
    people = [person(number) for number in range(64)]
    assert len({who.name for who in people}) == 64
    assert len({who.shape for who in people}) == 64
    siblings = [who for who in people if who.relative_of is not None]
    assert [who.number for who in siblings] == list(range(1, 64, 8))
    kin = [np.abs(_traits(who) - _traits(people[who.number - 1])).mean() for who in siblings]
    strangers = [np.abs(_traits(a) - _traits(b)).mean() for a, b in zip(people[2:], people[12:], strict=False)]
    assert np.mean(kin) < 0.6 * np.mean(strangers)
    assert all(who.skin == people[who.number - 1].skin for who in siblings)


def test_names_are_safe_and_never_repeat() -> None:
    names = [person(number).name for number in range(150)]
    assert len(set(names)) == 150
    assert not any(set('/\\:*?"<>| .') & set(name) for name in names)


def test_write_people_writes_pictures_and_labels(tmp_path: Path) -> None:
    paths = list(write_people(tmp_path, people=2, photos=2))
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == [
        f"{person(k).name}/{person(k).name}_{photo:04d}.jpg" for k in (0, 1) for photo in (1, 2)
    ]
    text = (tmp_path / "landmarks.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0] == HEADER
    rows = list(csv.DictReader(text.splitlines()))
    drawing = draw(person(1), 1)
    last = rows[-1]
    assert (tmp_path / last["path"]) == paths[-1]
    assert last["score"] == "1"
    assert tuple(int(last[key]) for key in ("x", "y", "width", "height")) == drawing.box
    marks = [float(last[key]) for key in HEADER.split(",")[6:]]
    assert np.allclose(marks, drawing.landmarks.ravel(), atol=0.01)
    stored = cv2.imdecode(np.frombuffer(paths[-1].read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert stored is not None
    assert np.abs(stored[..., ::-1].astype(int) - drawing.image).mean() < 4


def test_write_people_resumes(tmp_path: Path) -> None:
    paths = list(write_people(tmp_path, people=2, photos=2))
    labels = (tmp_path / "landmarks.csv").read_bytes()
    lost, kept = paths[1], paths[2]
    before = lost.read_bytes()
    lost.unlink()
    (tmp_path / "landmarks.csv").unlink()
    kept.write_bytes(b"kept as it was")
    again = list(write_people(tmp_path, people=2, photos=2))
    assert again == paths
    assert lost.read_bytes() == before
    assert kept.read_bytes() == b"kept as it was"
    assert (tmp_path / "landmarks.csv").read_bytes() == labels


def test_write_people_gives_the_same_with_workers(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    alone = {path.relative_to(one): path.read_bytes() for path in write_people(one, 2, 1, workers=1)}
    pooled = {path.relative_to(two): path.read_bytes() for path in write_people(two, 2, 1, workers=2)}
    assert alone == pooled
    assert (one / "landmarks.csv").read_bytes() == (two / "landmarks.csv").read_bytes()


def test_a_folder_lists_people_and_their_landmarks_alone(tmp_path: Path) -> None:
    list(write_people(tmp_path, people=2, photos=1, workers=1))
    assert (tmp_path / DRAWN).is_file()
    shown = sorted(one.name for one in tmp_path.iterdir() if not one.name.startswith("."))
    assert shown == sorted(["landmarks.csv", person(0).name, person(1).name])
