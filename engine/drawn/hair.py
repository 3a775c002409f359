"""Hair: a shell around the skull with a texture of strands, and buns, tails and loose strands."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine.drawn.canvas import linear
from niteru.engine.drawn.hair_styles import STYLES, HairStyle
from niteru.engine.drawn.identity import Person
from niteru.engine.drawn.layout import Layout
from niteru.engine.drawn.mesh import Array, noise, ramp, ring_mesh, rings_of, tube
from niteru.engine.drawn.scalp import hair_edge
from niteru.engine.drawn.shape import skull_table
from niteru.engine.drawn.strands import COLUMNS, ROWS, comb, hang, strands

_SHEET = (620, 1100)


@dataclass(frozen=True, slots=True)
class Lock:
    """A grid mesh of hair with its texture.

    Attributes:
        points: float32 (n, m, 3), strands run along the rows' axis.
        albedo: float32 (rows, columns, 3), linear RGB over the whole grid.
        keep: float32 (rows, columns), hair where above one half.
        flow: float32 (n, m, 2), how far strands run along rows and along columns; None for rows.
    """

    points: Array
    albedo: Array
    keep: Array
    flow: Array | None = None


def _colours(person: Person, strand: Array, rng: np.random.Generator) -> Array:
    """Colour strands: lighter and darker hairs, some grey among them when older."""
    base = linear(person.hair_colour)
    light = np.exp(0.27 * strand)[..., None].clip(0.35, 2.4)
    image = base * light
    tone = noise(rng, (strand.shape[0], strand.shape[1]), (220, 40))[..., None]
    image *= 1 + tone * np.array([0.05, 0.02, -0.02], np.float32)
    return np.asarray(np.clip(image, 0.003, 1), np.float32)


def _table(person: Person, layout: Layout, style: HairStyle) -> NDArray[np.float64]:
    """Inflate the skull and let it hang below the cheeks to the style's length."""
    skull = skull_table(person, layout)
    skull = skull[skull[:, 0] < 3.0]
    lift = ramp(skull[:, 0].astype(np.float32), -1.0, -10.0)
    thick = style.side + (style.top - style.side) * lift
    table = skull.copy()
    # Scaling, unlike adding, keeps the crown a dome.
    table[:, 0] *= 1 + (style.top * lift) / 11.5
    table[:, 1] *= 1 + thick / 7.3
    table[:, 2] = table[:, 4] + (skull[:, 2] - table[:, 4]) * (1 + thick * 0.85 / 9.5)
    table[:, 3] = table[:, 4] + (skull[:, 3] - table[:, 4]) * (1 + (thick + 0.4) / 9.0)
    wide = table[-1, 1]
    end = max(style.length, 8.0) + 0.9
    hang = np.array(
        [
            (y, wide + style.flare * (y - 2) / (end - 2), 7.2 - 0.10 * y, -9.5 - style.side, -0.5)
            for y in np.linspace(4.5, end, 5)
        ]
    )
    if style.ears:
        hang[:, 1] = np.interp(hang[:, 0], [2, 9], [wide, wide * 0.80])
        hang[:, 3] = np.interp(hang[:, 0], [2, 9], [table[-1, 3], -6.4])
    return np.concatenate([table, hang])


def _shell(person: Person, layout: Layout, style: HairStyle, rng: np.random.Generator) -> Lock:
    rings = rings_of(_table(person, layout, style), ROWS, 3.0)
    angle = np.linspace(-np.pi, np.pi, COLUMNS, dtype=np.float32)
    points = ring_mesh(rings, angle, 2.2)
    strand = strands(rng, _SHEET, style.wave, style.curl)
    strand, flow = comb(strand, rings.y, angle, person, style, rng)
    clump = cv2.resize(strand, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    degrees = np.degrees(angle)
    edge = hair_edge(style, layout, person, degrees)
    away = edge[None, :] - rings.y[:, None]
    centre = np.array([0, 0, -0.5], np.float32) + points[..., 1:2] * np.array([0, 1, 0], np.float32)
    # Thinner towards the hairline, but not towards free ends, so that hair grows out of the scalp.
    root = np.where(np.abs(degrees) < 62, ramp(away, -0.2, 2.4), 1.0)
    if style.fringe is not None:
        root = np.where(np.abs(degrees) < 52, 0.6 + 0.4 * root, root)
    thick = np.clip(style.side + (style.top - style.side) * ramp(rings.y, -1, -10), 0.05, 9)[:, None]
    bulk = min(0.3, style.side * 0.35) + 0.35 * style.curl * min(style.side, 1.5)
    outward = points - centre
    outward /= np.linalg.norm(outward, axis=2, keepdims=True) + 1e-6
    shift = bulk * 0.6 * np.tanh(clump) - (1 - root) * 0.85 * thick
    points = (points + outward * shift[..., None]).astype(np.float32)
    hang(points, angle, style, rng)
    keep = _mask(edge, rings.y, strand, style)
    return Lock(points, _colours(person, strand, rng), keep, flow)


def _mask(edge: Array, y: Array, strand: Array, style: HairStyle) -> Array:
    rows, columns = strand.shape
    low = cv2.resize(edge[None], (columns, 1))[0]
    height = cv2.resize(y[:, None], (1, rows))
    tips = cv2.resize(strand, (columns // 2, 6), interpolation=cv2.INTER_AREA)[3:4]
    tips = cv2.resize(tips, (columns, 1))[0] * (0.28 + 0.25 * (style.length > 6))
    free = style.length > 6
    fine = strand - cv2.GaussianBlur(strand, (0, 0), 4)
    jag = tips[None] * (0.3 + 0.7 * ramp(low, -4.5, 0.0)) + 0.32 * fine
    jag = jag + (0.05 + 0.10 * free + 0.45 * style.curl * min(style.side, 1.2)) * strand
    keep = 0.5 + (low[None] + jag - height)
    if style.cover < 1:
        keep = np.minimum(keep, 0.5 + style.cover - 0.45 + 0.3 * strand + 0.25 * (style.recede == 0))
    return np.asarray(keep, np.float32)


def _tube_lock(path: Array, radius: Array, person: Person, rng: np.random.Generator, curl: float) -> Lock:
    strand = strands(rng, (200, 260), 0.1, curl)
    return Lock(tube(path, radius, 40), _colours(person, strand, rng), np.ones((4, 4), np.float32))


def _extras(person: Person, style: HairStyle, rng: np.random.Generator) -> list[Lock]:
    locks: list[Lock] = []
    t = np.linspace(0, 1, 40, dtype=np.float32)
    if style.bun > 0:
        path = np.stack([0 * t, -10.6 - 1.9 * style.bun * t, -3.5 - 0.6 * style.bun * t], axis=1)
        radius = style.bun * np.sqrt(np.clip(1 - (2 * t - 1) ** 2, 0, 1)) + 0.01
        locks.append(_tube_lock(path.astype(np.float32), radius.astype(np.float32), person, rng, 0.3))
    if style.tail:
        side = 2.5 * person.part_side
        path = np.stack([side * t**0.5 * 2.2, -6 + 24 * t**1.3, -10 - 3.5 * np.sin(np.pi * t) + 6.0 * t], axis=1)
        radius = 0.8 + 2.0 * np.sin(np.pi * np.clip(t * 0.9 + 0.06, 0, 1)) ** 0.7
        locks.append(_tube_lock(path.astype(np.float32), radius.astype(np.float32), person, rng, style.curl))
    return locks


def grow_hair(person: Person, layout: Layout) -> list[Lock]:
    """Model a person's hair.

    Args:
        person: the person.
        layout: the feature positions.

    Returns:
        The grids of hair, in the head's frame; none for a bald head.
    """
    style = STYLES[person.hair_style]
    if style.cover == 0:
        return []
    rng = np.random.default_rng([person.seed, person.number, 0x4A1])
    return [_shell(person, layout, style, rng), *_extras(person, style, rng)]


def loose_strands(person: Person, rng: np.random.Generator) -> list[Lock]:
    """Model a few strands that fall across the face in one photo.

    Args:
        person: the person.
        rng: the photo's source of randomness.

    Returns:
        Thin grids of hair.
    """
    locks: list[Lock] = []
    t = np.linspace(0, 1, 40, dtype=np.float32)
    side = float(rng.choice((-1.0, 1.0)))
    for _ in range(int(rng.integers(4, 9))):
        x = side * (rng.uniform(0.5, 3.0) + rng.uniform(1.5, 4.5) * t**1.5)
        path = np.stack([x, -9 + rng.uniform(11, 17) * t, 9.2 + 1.6 * np.sin(np.pi * t * 0.8)], axis=1)
        radius = 0.03 + 0.06 * np.sin(np.pi * t)
        locks.append(_tube_lock(path.astype(np.float32), radius.astype(np.float32), person, rng, 0.0))
    return locks
