"""Small faces in large pictures: what is found depends on the face's pixels, not on the picture's sides."""

import numpy as np
import pytest

from bench.crowds import Shown, crowd, drawn_heads, photographed_heads
from niteru.engine.drawn import Drawing
from niteru.engine.faces.detector import NetworkDetector
from niteru.engine.faces.views import FAR_SCALE, MOST_FAR, TILE, TILE_OVERLAP, View, far_view, tiles
from support.drawings import drawn
from support.patterns import KINDS, faceless

HOUSES = 7
"""The kind of pattern that shows two windows and a door."""


@pytest.fixture(scope="module")
def detector() -> NetworkDetector:
    return NetworkDetector()


@pytest.fixture(scope="module")
def drawings() -> list[Drawing]:
    return [drawn(2 * number) for number in range(6)]


@pytest.fixture(scope="module")
def heads(drawings) -> list[Shown]:
    return drawn_heads(drawings)


def off(found: np.ndarray, known: np.ndarray) -> float:
    """Mean distance of landmarks in eye distances."""
    return float(np.linalg.norm(found - known, axis=1).mean() / np.hypot(*(known[1] - known[0])))


@pytest.mark.parametrize(
    ("size", "people", "widths"),
    [
        ((7000, 400), 1, (68, 68)),
        ((400, 7000), 1, (68, 68)),
        ((7000, 400), 12, (30, 160)),
        ((12_000, 300), 20, (40, 90)),
        ((40_000, 400), 20, (40, 120)),
        ((2000, 2000), 60, (40, 60)),
    ],
)
def test_small_faces_are_found_in_pictures_of_any_sides(detector, heads, size, people, widths) -> None:
    shown = crowd(heads, size, people, widths)
    assert shown.count(detector.detect(shown.image)) == (people, 0)


def test_a_crowd_in_24_megapixels_is_found_whole_also_on_its_side(detector, heads) -> None:
    shown = crowd(heads, (6000, 4000), 240, (30, 120))
    for picture in (shown, shown.quarter_turn()):
        found, besides = picture.count(detector.detect(picture.image))
        assert found >= 238
        assert besides == 0


def test_real_faces_in_a_crowd(detector, real_faces) -> None:
    shown = crowd(photographed_heads(real_faces / "photos", 240), (6000, 4000), 240, (30, 120))
    found, besides = shown.count(detector.detect(shown.image))
    assert found >= 235
    assert besides == 0


def test_faces_across_the_edges_of_tiles_are_found_once_and_precisely(detector, drawings) -> None:
    wall, known = np.full((4000, 6000, 3), 120, np.uint8), []
    for row in range(9):
        # The view has two tiles, whose edges lie around the middle; each row is shifted a little.
        for column, drawing in enumerate(drawings):
            x, y = 2150 + 300 * column + 33 * row, 100 + 420 * row
            height, width = drawing.image.shape[:2]
            wall[y : y + height, x : x + width] = drawing.image
            known.append(drawing.landmarks + np.float32([x, y]))
    faces = detector.detect(wall)
    assert len(faces) == len(known)
    for landmarks in known:
        assert min(off(face.landmarks, landmarks) for face in faces) < 0.12


def test_one_huge_face_over_all_tiles_is_one_face(detector, drawings) -> None:
    times = 14
    huge = np.ascontiguousarray(drawings[0].image.repeat(times, axis=0).repeat(times, axis=1))
    (face,) = detector.detect(huge)
    assert off(face.landmarks, drawings[0].landmarks * times) < 0.12


def test_a_large_picture_of_400_patterns_has_hardly_a_face(detector) -> None:
    patterns = [faceless(number) for number in range(400) if number % len(KINDS) != HOUSES]
    rows = [np.hstack([pattern[:180, :200] for pattern in patterns[row::20]]) for row in range(20)]
    width = min(row.shape[1] for row in rows)
    assert len(detector.detect(np.ascontiguousarray(np.vstack([row[:, :width] for row in rows])))) <= 2


@pytest.mark.parametrize("size", [(1280, 1280), (900, 1600), (3000, 4000), (4000, 6000), (490, 49_000), (7000, 7000)])
def test_the_far_view_is_bounded_by_area_and_by_scale(size: tuple[int, int]) -> None:
    far = far_view(np.zeros((*size, 3), np.uint8))
    assert far is not None
    assert far.pixels.shape[0] * far.pixels.shape[1] <= MOST_FAR * 1.01
    assert far.scale >= FAR_SCALE * 0.99 or size[0] * size[1] > MOST_FAR / FAR_SCALE**2
    assert far.scale == 1 or max(size) > 1280


@pytest.mark.parametrize("size", [(352, 352), (96, 128), (1504, 2272), (2272, 1504), (192, 18_400), (1888, 1888)])
def test_tiles_cover_a_view_and_know_where_they_are(size: tuple[int, int]) -> None:
    picture = np.arange(size[0] * size[1], dtype=np.uint32).reshape(size)
    view = View(picture.view(np.uint8).reshape(*size, 4)[..., :3], np.array([[2.0, 0, 5], [0, 3.0, 7]]))
    seen = np.zeros(size, int)
    parts = list(tiles(view))
    for tile in parts:
        x, y = ((tile.back[:, 2] - [5, 7]) / [2, 3]).round().astype(int)
        height, width = tile.pixels.shape[:2]
        assert np.array_equal(tile.pixels, view.pixels[y : y + height, x : x + width])
        assert height % 32 == width % 32 == 0
        assert height * width <= TILE + 32 * max(size)
        seen[y : y + height, x : x + width] += 1
    assert seen.min() == 1
    assert len(parts) == 1 or (seen == 2).sum() >= TILE_OVERLAP * min(size) * (len(parts) - 1)
    assert len(parts) == 1 or size[0] * size[1] > TILE
