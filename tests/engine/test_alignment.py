import numpy as np
import pytest

from niteru.engine.faces.alignment import CROP_SIZE, TEMPLATE, align, as_crop, similarity_transform
from support.drawings import drawn


def test_a_quarter_turn_worked_out_by_hand() -> None:
    source = np.array([[0, 0], [1, 0], [0, 1]], np.float32)
    target = np.array([[5, 3], [5, 5], [3, 3]], np.float32)  # turned by 90°, doubled, moved by (5, 3)
    assert np.allclose(similarity_transform(source, target), [[0, -2, 5], [2, 0, 3]])


def test_noise_in_one_point_is_shared_by_all() -> None:
    matrix = similarity_transform(TEMPLATE + np.eye(5, 2, dtype=np.float32) * [4, 0], TEMPLATE)
    moved = TEMPLATE @ matrix[:, :2].T + matrix[:, 2]
    assert 0 < np.abs(moved - TEMPLATE).max() < 2


def test_points_on_one_spot_are_refused() -> None:
    with pytest.raises(ValueError, match="coincide"):
        similarity_transform(np.ones((5, 2), np.float32), TEMPLATE)


@pytest.mark.parametrize(("turn", "scale"), [(0, 1), (30, 2), (-45, 0.7), (170, 5)])
def test_landmarks_land_on_the_template(turn: float, scale: float) -> None:
    angle = np.deg2rad(turn)
    rotation = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = (TEMPLATE - 56) @ rotation.T + 400
    image = np.zeros((800, 800, 3), np.uint8)
    x, y = np.round(points[2]).astype(int)
    reach = max(3, round(3 * scale))
    image[y - reach : y + reach + 1, x - reach : x + reach + 1] = 255
    crop = align(image, points.astype(np.float32))
    assert crop.shape == (CROP_SIZE, CROP_SIZE, 3)
    ys, xs = np.nonzero(crop[:, :, 0] > 128)
    assert np.abs([xs.mean(), ys.mean()] - TEMPLATE[2]).max() < 1


def test_a_face_in_a_panorama_is_cut_out() -> None:
    wide = np.zeros((200, 40_000, 3), np.uint8)
    points = TEMPLATE + np.float32([39_000, 40])
    wide[40 + 71 : 40 + 73, 39_000 + 55 : 39_000 + 58] = 255
    crop = align(wide, points)
    ys, xs = np.nonzero(crop[:, :, 0] > 128)
    assert np.abs([xs.mean(), ys.mean()] - TEMPLATE[2]).max() < 1
    assert align(wide, points + np.float32([5000, 0])).max() == 0  # beyond the picture: black


def test_a_drawn_head_is_upright_after_alignment() -> None:
    drawing = drawn(2, 1)
    straight = align(drawing.image, drawing.landmarks)
    turned = np.ascontiguousarray(np.rot90(drawing.image))
    height, width = drawing.image.shape[:2]
    points = np.column_stack([drawing.landmarks[:, 1], width - 1 - drawing.landmarks[:, 0]]).astype(np.float32)
    assert turned.shape[:2] == (width, height)
    difference = np.abs(align(turned, points).astype(int) - straight).mean()
    assert difference < 2


def test_pictures_of_aligned_sets_are_mapped_by_their_template() -> None:
    celeba = np.zeros((218, 178, 3), np.uint8)
    celeba[111 - 3 : 111 + 4, 69 - 3 : 69 + 4] = 255  # where CelebA puts the left eye
    crop = as_crop(celeba)
    ys, xs = np.nonzero(crop[:, :, 0] > 128)
    assert np.abs([xs.mean(), ys.mean()] - TEMPLATE[0]).max() < 2.5
    assert as_crop(np.zeros((300, 200, 3), np.uint8)).shape == (112, 112, 3)
