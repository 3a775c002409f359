"""The head of a person as a grid mesh, in centimetres and the frame of `layout`."""

from dataclasses import dataclass

import numpy as np

from niteru.engine.drawn.identity import Person
from niteru.engine.drawn.layout import Layout
from niteru.engine.drawn.mesh import Array, bump, ramp, ring_mesh, rings_of

SKULL = np.array(
    [
        # y, half width, front z, back z, centre z
        (-12.0, 0.0, -0.5, -0.5, -0.5),
        (-11.75, 1.7, 2.0, -3.4, -0.5),
        (-11.0, 3.4, 4.4, -5.8, -0.5),
        (-9.4, 5.2, 6.9, -7.9, -0.5),
        (-7.0, 6.45, 8.5, -9.2, -0.5),
        (-4.5, 7.1, 9.2, -9.6, -0.5),
        (-2.0, 7.35, 9.3, -9.3, -0.5),
        (0.5, 7.3, 9.1, -8.6, -0.5),
        (2.5, 7.2, 9.15, -7.6, -0.3),
        (4.5, 6.95, 9.3, -6.0, 0.2),
        (6.5, 6.45, 9.35, -4.0, 0.9),
        (8.2, 5.65, 9.2, -1.5, 2.0),
        (9.6, 4.5, 9.15, 1.0, 3.4),
        (10.7, 3.3, 8.9, 3.0, 4.8),
        (11.35, 1.9, 8.1, 4.6, 5.6),
        (11.6, 0.0, 6.2, 6.2, 6.2),
    ]
)
ROWS, COLUMNS = 230, 190


def skull_table(person: Person, layout: Layout) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """Fit the average head's cross-sections to a person.

    Args:
        person: the person.
        layout: the person's feature positions.

    Returns:
        float64 (16, 5), columns as `mesh.rings_of` takes them.
    """
    s, table = person.shape, SKULL.copy()
    y = table[:, 0].copy()
    lower = np.clip((y - 4) / 4, 0, 1)
    middle = np.exp(-(((y - 2.5) / 2.5) ** 2))
    table[:, 1] *= 1 + 0.025 * s.width + lower * 0.06 * s.jaw + 0.035 * s.fullness * np.exp(-(((y - 6) / 3) ** 2))
    table[:, 1] *= 1 + 0.02 * s.cheek * middle
    table[:, 0] = np.where(y > 0, y * layout.chin_y / 11.6, y * (1 + 0.02 * s.forehead))
    return table


def _nose(x: Array, y: Array, person: Person, layout: Layout) -> Array:
    s, wide = person.shape, layout.nose_half / 1.62
    ax = np.abs(x)
    along = np.clip((y - layout.nose_top) / (layout.nose_tip - layout.nose_top), 0, 1)
    bridge, tip = 0.45 + 0.20 * s.nose_bridge, 1.75 + 0.12 * s.nose_bridge + 0.12 * s.nose_tip
    hump = 0.14 * s.nose_bridge * np.sin(np.pi * along)
    height = bridge + (tip - bridge) * along**1.25 + hump
    height = height * ramp(y, layout.nose_top - 1.6, layout.nose_top + 0.4)
    height = height * ramp(y, layout.nose_tip + 1.05 - 0.1 * s.nose_tip, layout.nose_tip + 0.1)
    half = (0.58 + 0.42 * along**1.5) * (0.4 + 0.6 * wide)
    ridge = height * (0.66 * np.exp(-((ax / half) ** 2)) + 0.34 * np.exp(-((ax / (1.75 * half)) ** 2)))
    base = layout.nose_tip
    ball = 0.42 * bump(ax, y, (0.0, base + 0.12), (0.55 * wide, 0.50))
    wing = 0.80 * bump(ax, y, (layout.nose_half - 0.45, base + 0.16), (0.36, 0.40))
    nostril = -0.45 * bump(ax, y, (0.62 * wide, base + 0.80), (0.30, 0.16))
    return np.asarray(ridge + ball + wing + nostril, np.float32)


def _eyes(x: Array, y: Array, person: Person, layout: Layout) -> Array:
    s, ax = person.shape, np.abs(x)
    deep = 1 + 0.22 * s.brow_ridge
    socket = -0.80 * deep * bump(ax, y, (layout.eye_x - 0.1, 0.0), (1.55, 1.05))
    inner = -0.45 * bump(ax, y, (1.75, -0.25), (0.55, 0.85))
    ball = 0.62 * bump(ax, y, (layout.eye_x, 0.05), (0.95, 0.66))
    ridge = (0.34 + 0.17 * s.brow_ridge) * bump(ax, y, (2.6, layout.brow_y + 0.15), (1.9, 0.60))
    bag = (0.05 + 0.004 * max(person.age - 30, 0)) * bump(ax, y, (layout.eye_x, 1.35), (1.1, 0.28))
    lid = 0.10 * bump(ax, y, (layout.eye_x, -layout.eye_open - 0.16), (1.15, 0.15))
    return np.asarray(socket + inner + ball + ridge + bag + lid, np.float32)


def _mouth(x: Array, y: Array, person: Person, layout: Layout) -> Array:
    ax, at = np.abs(x), layout.mouth_y
    window = np.sqrt(np.clip(1 - (ax / (layout.mouth_half + 0.1)) ** 2, 0, 1))
    muzzle = 0.50 * bump(ax, y, (0.0, at), (2.3, 2.0))
    upper = 0.42 * layout.upper_lip / 0.62 * bump(ax * 0, y, (0.0, at - 0.52 * layout.upper_lip - 0.1), (1.0, 0.30))
    lower = 0.46 * layout.lower_lip / 0.86 * bump(ax * 0, y, (0.0, at + 0.45 * layout.lower_lip + 0.1), (1.0, 0.34))
    slit = -0.45 * bump(ax * 0, y, (0.0, at), (1.0, 0.16))
    philtrum = -0.12 * bump(ax, y, (0.0, at - 1.3), (0.26, 0.5)) + 0.08 * bump(ax, y, (0.5, at - 1.2), (0.2, 0.5))
    corner = -0.22 * bump(ax, y, (layout.mouth_half + 0.15, at + 0.05), (0.38, 0.40))
    under = -0.36 * bump(ax, y, (0.0, at + layout.lower_lip + 0.72), (1.5, 0.42))
    chin = (0.45 + 0.12 * person.shape.chin) * bump(ax, y, (0.0, layout.chin_y - 1.5), (1.35, 0.9))
    return np.asarray(muzzle + (upper + lower + slit) * window + philtrum + corner + under + chin, np.float32)


def relief(x: Array, y: Array, person: Person, layout: Layout) -> Array:
    """Compute how far the features stand out from the plain head.

    Args:
        x: float32, frontal positions, any shape.
        y: float32, same shape.
        person: the person.
        layout: the person's feature positions.

    Returns:
        float32, displacement towards the viewer in centimetres.
    """
    s, ax, old = person.shape, np.abs(x), max(person.age - 32, 0) / 40
    cheek = (0.34 + 0.13 * s.cheek) * bump(ax, y, (4.5, 2.5), (1.5, 1.05))
    apple = 0.22 * bump(ax, y, (3.1, 3.3), (1.1, 1.0))
    hollow = (-0.22 + 0.16 * s.fullness - 0.18 * old) * bump(ax, y, (4.5, 5.9), (1.1, 1.5))
    temple = -0.28 * bump(ax, y, (6.3, -3.2), (0.9, 1.8))
    slant = (y - layout.nose_tip) * 0.42
    fold = -(0.07 + 0.20 * old) * np.exp(-0.5 * ((ax - 1.9 - slant) / 0.22) ** 2)
    fold = (
        fold
        * ramp(y, layout.nose_tip - 0.3, layout.nose_tip + 0.9)
        * ramp(y, layout.mouth_y + 0.9, layout.mouth_y - 0.5)
    )
    total = _nose(x, y, person, layout) + _eyes(x, y, person, layout) + _mouth(x, y, person, layout)
    return np.asarray(total + cheek + apple + hollow + temple + fold, np.float32)


def head_mesh(person: Person, layout: Layout) -> Array:
    """Model a head without hair or ears.

    Args:
        person: the person.
        layout: the person's feature positions.

    Returns:
        float32 (ROWS, COLUMNS, 3), mouth slightly open as `expression` expects.
    """
    rings = rings_of(skull_table(person, layout), ROWS, 5.0)
    side = np.linspace(-1, 1, COLUMNS, dtype=np.float32)
    # Columns are closer together at the front, where the features are.
    angle = np.radians(150) * (0.42 * side + 0.58 * side**3)
    points = ring_mesh(rings, angle.astype(np.float32), 2.25)
    front = ramp(np.cos(angle)[None, :], 0.0, 0.35)
    points[..., 2] += front * relief(points[..., 0], points[..., 1], person, layout)
    return points


@dataclass(frozen=True, slots=True)
class Anchors:
    """The five landmarks tied to mesh points.

    Attributes:
        row: int (5,) mesh rows.
        column: int (5,) mesh columns.
        offset: float32 (5, 3) from the mesh point to the landmark.
    """

    row: "np.ndarray[tuple[int], np.dtype[np.intp]]"
    column: "np.ndarray[tuple[int], np.dtype[np.intp]]"
    offset: Array


def anchors_of(head: Array, layout: Layout) -> Anchors:
    """Find the mesh points of the landmarks: eyes, nose tip, mouth corners.

    Args:
        head: float32 (ROWS, COLUMNS, 3).
        layout: the feature positions.

    Returns:
        The anchors, left ones first.
    """
    wanted = np.array(
        [
            (-layout.eye_x + 0.05, -0.16),
            (layout.eye_x - 0.05, -0.16),
            (0.0, layout.nose_tip - 0.32),
            (-layout.mouth_half + 0.1, layout.mouth_y - 0.05),
            (layout.mouth_half - 0.1, layout.mouth_y - 0.05),
        ],
        np.float32,
    )
    gap = ((head[None, ..., :2] - wanted[:, None, None]) ** 2).sum(axis=3) + np.where(head[..., 2] < 0, 99, 0)
    row, column = np.unravel_index(gap.reshape(5, -1).argmin(axis=1), head.shape[:2])
    offset = np.zeros((5, 3), np.float32)
    offset[:, :2] = wanted - head[row, column, :2]
    return Anchors(row, column, offset)
