"""Names find their faces, however programs draw the boxes; what is unsure is told."""

from __future__ import annotations

import pytest

from niteru.engine.photos.names.matching import Matches, Pair, match_faces
from niteru.engine.photos.names.named import NamedRegion
from niteru.engine.photos.names.relative_box import RelativeBox

SIZE = (1000, 800)
FACES = [(100, 200, 90, 120), (260, 210, 90, 120), (420, 190, 90, 120), (800, 600, 30, 40)]
"""Three side by side, and a small one behind them."""


def drawn(face: tuple[int, int, int, int], wider: float, higher: float, up: float = 0.0) -> NamedRegion:
    """A box around a face, so many times as wide and high, and moved up by a part of the face's height."""
    x, y, width, height = face
    middle = (x + width / 2) / SIZE[0], (y + height / 2 - up * height) / SIZE[1]
    return NamedRegion("Ada", RelativeBox.around(*middle, wider * width / SIZE[0], higher * height / SIZE[1]))


@pytest.mark.parametrize(
    ("wider", "higher", "up"),
    [
        (1.0, 1.0, 0.0),  # digiKam: by a detector like this one
        (1.35, 1.35, 0.1),  # Picasa: a square with the hair
        (1.7, 1.7, 0.15),  # Windows Photo Gallery
        (2.2, 2.2, 0.1),  # Lightroom: the whole head
        (0.7, 0.6, -0.1),  # eyes to mouth
        (2.9, 2.9, 0.2),  # drawn by a generous hand
    ],
)
def test_boxes_as_programs_draw_them(wider: float, higher: float, up: float) -> None:
    matches = match_faces([drawn(face, wider, higher, up) for face in FACES], FACES, SIZE)
    assert [(pair.region, pair.face) for pair in matches.pairs] == [(n, n) for n in range(4)]
    assert matches.without_face == ()


def test_a_neighbour_s_face_is_not_taken() -> None:
    """Whose own face was not detected stays without one, also if the box reaches over the neighbour's."""
    ada = drawn(FACES[0], 2.9, 2.9)
    assert match_faces([ada], FACES[1:], SIZE) == Matches((), (0,))


def test_each_face_has_one_name() -> None:
    boxes = [drawn(FACES[0], 1.0, 1.0), drawn(FACES[0], 1.8, 1.8)]
    assert match_faces(boxes, FACES, SIZE) == Matches((Pair(0, 0),), (1,))
    assert match_faces(boxes[::-1], FACES, SIZE) == Matches((Pair(1, 0),), (0,))


def test_the_best_together_and_not_the_first() -> None:
    """Ada's box has more of the left face than Bob's has, but Bob's has none of the right one."""
    left, right = (100, 100, 60, 60), (126, 100, 60, 60)
    ada, bob = (
        NamedRegion(n, RelativeBox(x / 1000, 100 / 800, 60 / 1000, 60 / 800)) for n, x in (("A", 112), ("B", 92))
    )
    pairs = match_faces([ada, bob], [left, right], SIZE).pairs
    assert [(pair.region, pair.face) for pair in pairs] == [(0, 1), (1, 0)]


@pytest.mark.parametrize(("shift", "ambiguous"), [(0, True), (10, True), (27, False)])
def test_two_faces_in_one_box_are_told(shift: int, ambiguous: bool) -> None:
    region = NamedRegion("Ada", RelativeBox(0.1, 0.125, 0.1, 0.125))
    faces = [(105, 105, 90, 90), (105 + shift, 105, 90, 90)]
    (pair,) = match_faces([region], faces, SIZE).pairs
    assert pair.ambiguous is ambiguous


def test_two_boxes_over_two_faces_that_could_be_swapped_are_told() -> None:
    faces = [(100, 100, 100, 100), (110, 100, 100, 100)]
    regions = [NamedRegion(name, RelativeBox(0.1, 0.125, 0.11, 0.125)) for name in ("Ada", "Bob")]
    matches = match_faces(regions, faces, SIZE)
    assert len(matches.pairs) == 2 and all(pair.ambiguous for pair in matches.pairs)


def test_nothing_to_match() -> None:
    assert match_faces([], FACES, SIZE) == Matches((), ())
    assert match_faces([drawn(FACES[0], 1, 1)], [], SIZE) == Matches((), (0,))
