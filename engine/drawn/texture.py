"""The skin of a face, painted once for each person on the frontal plane in linear light."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine.drawn.beard import paint_beard
from niteru.engine.drawn.canvas import PER_CM, SIZE, Strokes, linear, plane
from niteru.engine.drawn.identity import Person
from niteru.engine.drawn.layout import Layout
from niteru.engine.drawn.mesh import Array, bump, noise
from niteru.engine.drawn.mouth import paint_lips
from niteru.engine.drawn.shape import relief


@dataclass(frozen=True, slots=True)
class Skin:
    """The painted skin of a head.

    Attributes:
        albedo: float32 (*SIZE, 3), linear RGB.
        gloss: float32 SIZE, strength of the highlight.
        teeth: float32 SIZE, 0 to 1, where teeth show when the lips part.
    """

    albedo: Array
    gloss: Array
    teeth: Array


def _tint(image: Array, mask: NDArray[Any], colour: Array) -> None:
    """Multiply a texture by a colour where the mask is 1, in place."""
    image *= 1 + mask[..., None] * (colour - 1)


def _complexion(image: Array, x: Array, y: Array, person: Person, layout: Layout) -> None:
    """Add blush, dark rims of the eyes, and what age does to the colour."""
    ax, old = np.abs(x), np.clip((person.age - 30) / 40, 0, 1)
    rosy = 0.75 * bump(ax, y, (4.3, 3.4), (1.6, 1.3)) + 0.75 * bump(ax, y, (0.0, layout.nose_tip), (1.0, 0.8))
    rosy += 0.35 * bump(ax, y, (0.0, layout.chin_y - 1.4), (1.3, 0.8)) + 0.6 * bump(ax, y, (9.0, 2), (1.2, 3))
    _tint(image, rosy * (0.75 + 0.5 * person.makeup), np.array([1.02, 0.84, 0.82], np.float32))
    rim = (0.45 + 0.5 * old) * bump(ax, y, (layout.eye_x - 0.25, 0.85), (1.2, 0.45))
    rim += 0.45 * bump(ax, y, (layout.eye_x - 0.2, -0.5), (1.4, 0.6))
    _tint(image, rim, np.array([0.80, 0.72, 0.76], np.float32))
    if person.makeup > 0:
        shadow = person.makeup * bump(ax, y, (layout.eye_x + 0.15, -0.85), (1.25, 0.42))
        _tint(image, shadow, np.array([0.62, 0.48, 0.50], np.float32))


def _blemishes(image: Array, person: Person, layout: Layout, rng: np.random.Generator) -> None:
    """Add freckles and moles."""
    sheet = Strokes(-7.0, -6.5, 7.0, 11.0)
    for _ in range(int(260 * person.freckles)):
        spot = np.array([rng.normal(0, 3.0), rng.normal(2.4, 1.6)], np.float32).clip(-6.4, 6.4)
        sheet.line(np.stack([spot, spot + 0.02]), float(rng.uniform(0.05, 0.13)), float(rng.uniform(0.2, 0.7)))
    sheet.blend(image, linear(person.skin) * np.array([0.55, 0.38, 0.28], np.float32), 0.75)
    sheet = Strokes(-7.0, -6.5, 7.0, 11.0)
    for _ in range(person.moles):
        spot = np.array([rng.uniform(-5, 5), rng.uniform(1.5, layout.chin_y - 1.5)], np.float32)
        sheet.line(np.stack([spot, spot + 0.02]), float(rng.uniform(0.12, 0.24)))
    sheet.blend(image, linear(person.skin) * 0.14, 0.85)


def _wrinkles(image: Array, person: Person, layout: Layout, rng: np.random.Generator) -> None:
    """Add lines on the forehead, at the corners of the eyes and under them."""
    old = float(np.clip((person.age - 34) / 36, 0, 1))
    if old == 0:
        return
    sheet = Strokes(-7.0, -7.0, 7.0, 5.0)
    t = np.linspace(-1, 1, 24, dtype=np.float32)
    for k in range(3):
        y = layout.brow_y - 1.3 - 0.85 * k + 0.25 * t**2 + 0.06 * np.sin(7 * t + rng.uniform(0, 6))
        sheet.line(np.stack([t * rng.uniform(2.6, 3.8), y], axis=1), 0.06, float(rng.uniform(0.4, 1)))
    for side in (-1, 1):
        corner = layout.eye_x + layout.eye_half
        for k in range(4):
            rise = -0.7 + 0.5 * k
            u = (t + 1) / 2
            path = np.stack([side * (corner + 0.25 + 1.0 * u), -0.1 + rise * (0.3 + u) + 0.2 * u**2], axis=1)
            sheet.line(path, 0.05, float(rng.uniform(0.4, 1)))
        for k in range(2):
            path = np.stack([side * (layout.eye_x + t), 1.25 + 0.42 * k - 0.35 * t**2], axis=1)
            sheet.line(path, 0.06, 0.7)
    sheet.blend(image, linear(person.skin) * 0.45, 0.5 * old)


def _brows(image: Array, person: Person, layout: Layout, rng: np.random.Generator) -> None:
    s = person.shape
    thick = 0.34 + 0.075 * s.brow_weight
    sheet = Strokes(-6.5, layout.brow_y - 2.0, 6.5, layout.brow_y + 2.0)
    arch = 0.38 + 0.12 * (1 if person.sex == "f" else -1)
    for side in (-1, 1):
        for _ in range(270):
            t = float(rng.uniform(0, 1))
            mid = layout.brow_y + 0.28 + (0.10 * s.brow_slant - arch * 0.9) * t + 1.0 * arch * t**4
            wide = thick * min(1.0, 0.45 + 2.4 * t) * (1 - 0.78 * t**2.2)
            across = float(np.clip(rng.normal(0, 0.45), -1, 1))
            start = np.array([1.15 + 3.75 * t, mid + wide * across])
            # Inner hairs stand up, outer ones lie along the brow.
            turn = 1.25 * (1 - t) ** 1.6 - 0.35 * t + 0.25 * across + rng.normal(0, 0.12)
            reach = rng.uniform(0.32, 0.6) * np.array([np.cos(turn), -np.sin(turn)])
            path = np.stack([start - reach / 2, start + reach / 2]) * np.array([side, 1.0])
            sheet.line(path.astype(np.float32), 0.048, float(rng.uniform(0.45, 1)))
    hair = linear(person.hair_colour)
    dark = hair * min(1.0, 0.20 / float(hair.max())) * 0.75 + 0.25 * linear((0.12, 0.08, 0.06))
    sheet.blend(image, dark.astype(np.float32), float(np.clip(0.78 + 0.08 * s.brow_weight, 0.55, 0.95)))


def paint_skin(person: Person, layout: Layout) -> Skin:
    """Paint the skin of a head, all but the eyes.

    Args:
        person: the person.
        layout: the person's feature positions.

    Returns:
        The skin.
    """
    rng = np.random.default_rng([person.seed, person.number, 0x5C1])
    x, y = plane()
    image = np.empty((*SIZE, 3), np.float32)
    image[:] = linear(person.skin)
    hue = noise(rng, SIZE, (70, 70))
    image *= 1 + hue[..., None] * np.array([0.010, 0.028, 0.034], np.float32)
    pores = 0.022 * noise(rng, SIZE, (2.2, 2.2)) + 0.016 * noise(rng, SIZE, (7, 7)) + 0.022 * noise(rng, SIZE, (24, 24))
    image *= (1 + pores * (1.0 + 0.012 * (person.age - 25)))[..., None]
    _complexion(image, x, y, person, layout)
    depth = relief(x, y, person, layout)
    cavity = cv2.GaussianBlur(depth, (0, 0), 0.42 * PER_CM) - depth
    shade = np.clip(1 - 0.60 * np.clip(cavity, 0, 0.6) + 0.12 * np.clip(-cavity, 0, 0.5), 0.4, 1.1)
    image *= np.where(np.abs(x) < 7.5, shade, 1)[..., None] ** np.array([0.85, 1.05, 1.08], np.float32)
    nostril = bump(np.abs(x), y, (0.62 * layout.nose_half / 1.62, layout.nose_tip + 0.80), (0.30, 0.14))
    image *= 1 - 0.85 * np.clip(1.25 * nostril, 0, 1)[..., None]
    ax = np.abs(x)
    gloss = 0.10 + 0.09 * bump(ax, y, (0, -4.5), (3, 1.4)) + 0.17 * bump(ax, y, (0, 2.5), (0.6, 2.4))
    gloss = gloss + 0.08 * bump(ax, y, (4.2, 2.2), (1.2, 0.8)) + 0.02 * noise(rng, SIZE, (2.5, 2.5))
    _blemishes(image, person, layout, rng)
    _wrinkles(image, person, layout, rng)
    beard = paint_beard(image, x, y, person, layout, rng)
    gloss = np.asarray(np.clip(gloss, 0.02, 1) * (1 - 0.8 * beard), np.float32)
    teeth = paint_lips(image, gloss, x, y, person, layout)
    _brows(image, person, layout, rng)
    gloss *= 1 - 0.85 * np.clip(1.3 * bump(ax, y, (layout.eye_x, 0.0), (1.0, 0.4)), 0, 1)
    return Skin(np.clip(image, 0.002, 1), gloss, teeth)
