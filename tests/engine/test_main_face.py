"""The main face of a photograph of several: large, whole, and near the middle of its width."""

import csv
import itertools
from pathlib import Path

import numpy as np
import pytest

from niteru.engine.faces.detector import load_detector
from niteru.engine.faces.extraction import faces_in, main_first
from niteru.engine.faces.face import Box, Face
from niteru.engine.faces.main_face import main_face
from niteru.engine.photos.decode import decode
from support.group_photo import group_photo, is_around

SIZE = (640, 480)
SPEAKER = (2, 0.9, 210, 130)
"""Whole, in the middle."""


@pytest.fixture(scope="module")
def detector():
    return load_detector()


def face(*box: int) -> Face:
    return Face((box[0], box[1], box[2], box[3]), np.zeros((5, 2), np.float32), 0.9)


@pytest.mark.parametrize(
    "bystander",
    [
        (11, 1.6, -280, 20),  # at the left
        (11, 1.6, 300, 20),  # at the right
        (4, 1.5, 250, -60),
        (11, 1.9, 190, 140),  # in the lower right corner
    ],
)
def test_a_larger_bystander_whom_the_edge_cuts_off_is_not_the_main_one(detector, bystander) -> None:
    picture, middles = group_photo(SIZE, bystander, SPEAKER)
    faces = detector.detect(picture)
    assert len(faces) == 2
    assert is_around(faces[0].box, middles[0])
    assert is_around(faces[main_face(faces, SIZE)].box, middles[1])


def test_a_large_face_beside_the_middle_wins_over_small_ones_behind_it(detector) -> None:
    picture, middles = group_photo(SIZE, (2, 1.0, 20, 60), (11, 0.4, 300, 40), (4, 0.4, 450, 40))
    faces = detector.detect(picture)
    assert len(faces) == 3
    assert is_around(faces[main_face(faces, SIZE)].box, middles[0])


def test_heights_do_not_count() -> None:
    high, low = face(300, 20, 60, 80), face(40, 200, 60, 80)
    assert main_face([low, high], (660, 480)) == 1


@pytest.mark.parametrize("scale", [0.25, 3])
def test_the_choice_does_not_depend_on_the_pictures_scale(scale: float) -> None:
    boxes: list[Box] = [(-40, 40, 160, 200), (200, 80, 100, 130), (380, 90, 90, 120)]
    faces = [face(*(round(scale * side) for side in box)) for box in boxes]
    assert main_face(faces, (round(500 * scale), round(400 * scale))) == 1


def test_of_equals_the_first_is_chosen_and_of_others_the_same_in_any_order() -> None:
    left, right = face(100, 100, 80, 100), face(320, 100, 80, 100)
    assert main_face([left, right], (500, 400)) == main_face([right, left], (500, 400)) == 0
    faces = [face(100, 100, 80, 100), face(320, 100, 81, 100), face(210, 0, 80, 100)]
    chosen = {faces.index(order[main_face(order, (500, 400))]) for order in map(list, itertools.permutations(faces))}
    assert len(chosen) == 1


def test_a_face_outside_the_picture_and_one_that_fills_it() -> None:
    assert main_face([face(-300, -300, 100, 100), face(0, 0, 400, 400), face(180, 180, 30, 30)], (400, 400)) == 1


def test_the_main_face_comes_first_and_the_others_stay_in_order(detector) -> None:
    picture, middles = group_photo(SIZE, (11, 1.6, -280, 20), SPEAKER, (4, 0.4, 480, 40))
    found = faces_in(picture, detector)
    first, *others = main_first(found, SIZE)
    assert is_around(first.face.box, middles[1])
    assert others == [one for one in found if one is not first]


def test_real_photographs_of_several_faces(real_faces: Path, detector) -> None:
    """The face that each photograph is of, also where bystanders are larger."""
    table = real_faces / "main-face" / "boxes.csv"
    if not table.is_file():
        pytest.skip(f"no {table}")
    wrong, hard = [], 0
    with table.open(newline="", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            picture = decode(table.parent / row["file"])
            faces = detector.detect(picture)
            middle = tuple(float(row[at]) + float(row[side]) / 2 for at, side in (("x", "width"), ("y", "height")))
            chosen = faces[main_face(faces, (picture.shape[1], picture.shape[0]))]
            hard += not is_around(faces[0].box, middle)
            wrong += [] if is_around(chosen.box, middle) else [row["file"]]
    assert hard >= 10  # so that the largest would not do
    assert len(wrong) <= 2, wrong
