"""Cells to faces and back, and views of a picture with their way back."""

import numpy as np
import pytest

from niteru.engine.faces.alignment import TEMPLATE
from niteru.engine.faces.detections import (
    CHANNELS,
    STRIDES,
    Detections,
    decode,
    encode,
    moved_boxes,
    overlap,
    without_doubles,
)
from niteru.engine.faces.views import FACE_VIEW, IN_FACE_VIEW, NEAR, at_face, near_view, reduced, whole


def grids(side: int = 64) -> list[np.ndarray]:
    empty = [np.zeros((side // s, side // s, CHANNELS), np.float32) for s in STRIDES]
    for grid in empty:
        grid[..., 0] = -9
    return empty


def test_what_a_cell_says_is_the_face_that_was_told() -> None:
    box, landmarks = np.float32([10, 12, 20, 30]), TEMPLATE * 0.2 + np.float32([9, 11])
    cells = grids()
    # The cell of stride 16 with its centre at (24, 24).
    cells[1][1, 1, 1:] = encode(np.float32([[24, 24]]), 16, box, landmarks)[0]
    cells[1][1, 1, 0] = 2.0
    found = decode(cells, 0.5)
    assert np.allclose(found.boxes, [box], atol=1e-3)
    assert np.allclose(found.landmarks, [landmarks], atol=1e-3)
    assert found.scores[0] == pytest.approx(1 / (1 + np.exp(-2.0)))
    assert len(decode(cells, 0.95)) == 0


def test_of_doubles_the_surest_stays() -> None:
    boxes = np.float32([[0, 0, 10, 10], [1, 1, 10, 10], [30, 30, 10, 10]])
    found = without_doubles(Detections(np.float32([0.6, 0.9, 0.7]), boxes, np.zeros((3, 5, 2), np.float32)))
    assert found.scores.tolist() == pytest.approx([0.9, 0.7])
    assert len(without_doubles(found.only(np.array([], np.intp)))) == 0


def test_overlap_by_hand() -> None:
    others = np.float32([[0, 0, 10, 10], [5, 0, 10, 10], [20, 20, 5, 5]])
    assert overlap(np.float32([0, 0, 10, 10]), others) == pytest.approx([1, 50 / 150, 0])


def test_a_quarter_turn_swaps_the_sides_of_a_box() -> None:
    turned = moved_boxes(np.float32([[10, 20, 30, 40]]), np.array([[0.0, -1, 100], [1, 0, 0]]))
    # Its centre (25, 40) goes to (60, 25).
    assert np.allclose(turned, [[40, 10, 40, 30]], atol=1e-4)


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("room", [0.0, 0.3])
@pytest.mark.parametrize("longest", [90, 180])
def test_a_view_knows_its_way_back(turn: int, room: float, longest: int) -> None:
    image = np.zeros((60, 90, 3), np.uint8)
    image[10:14, 70:74] = 255
    view = whole(reduced(image, longest), turn, room)
    assert all(side % 32 == 0 for side in view.pixels.shape[:2])
    y, x = np.argwhere(view.pixels[..., 0] > 128).mean(axis=0)
    assert view.back @ [x + 0.5, y + 0.5, 1] == pytest.approx([72, 12], abs=0.6)


@pytest.mark.parametrize("size", [(300, 400), (400, 300), (440, 440), (16, 700), (60, 60), (2000, 3000), (7, 5)])
@pytest.mark.parametrize("room", [0.0, 0.3])
def test_the_near_view_has_one_size_and_shows_all_of_a_picture(size: tuple[int, int], room: float) -> None:
    near = near_view(np.zeros((*size, 3), np.uint8), room)
    for turn in range(4):
        view = whole(near, turn, room)
        assert view.pixels.shape == (NEAR, NEAR, 3)
        corners = np.array([[0, 0], [NEAR, 0], [0, NEAR], [NEAR, NEAR]]) @ view.back[:, :2].T + view.back[:, 2]
        assert (corners.min(axis=0) <= 1e-6).all()
        assert (corners.max(axis=0) >= np.array(size[::-1]) - 1e-6).all()


def test_a_picture_is_made_smaller_without_losing_what_lies_between_pixels() -> None:
    image = np.zeros((400, 400, 3), np.uint8)
    image[::2] = 200
    for longest in (150, 224, 300):
        assert reduced(image, longest).pixels.std() < 30


def test_a_view_at_a_face_holds_it_upright() -> None:
    image = np.random.default_rng(0).integers(0, 255, (300, 300, 3), dtype=np.uint8)
    turn = np.deg2rad(40)
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]], np.float32)
    landmarks = (TEMPLATE - 56) @ spin.T * 1.3 + 150
    view = at_face(image, landmarks.astype(np.float32))
    assert view.pixels.shape == (FACE_VIEW, FACE_VIEW, 3)
    back = IN_FACE_VIEW @ view.back[:, :2].T + view.back[:, 2]
    assert np.allclose(back, landmarks, atol=0.01)
