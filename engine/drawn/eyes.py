"""Eyes, painted anew for every photo because lids and gaze move."""

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine.drawn.canvas import LEFT, PER_CM, TOP
from niteru.engine.drawn.identity import Person
from niteru.engine.drawn.layout import Layout
from niteru.engine.drawn.mesh import Array
from niteru.engine.drawn.palettes import Colour

_HALF = (2.4, 1.6)
_FINE = 2
_SCALE = PER_CM * _FINE
Image = NDArray[np.uint8]


def _byte(colour: Colour, light: float = 1.0) -> tuple[int, int, int]:
    red, green, blue = (int(np.clip(255 * channel * light, 0, 255)) for channel in colour)
    return red, green, blue


def _pixels(x: Array, y: Array) -> NDArray[np.int32]:
    """Turn eye-centred centimetres into 4-bit fixed-point patch pixels, int32 (n, 2)."""
    at = np.stack([(x + _HALF[0]) * _SCALE, (y + _HALF[1]) * _SCALE], axis=1)
    return np.asarray(np.round(at * 16), np.int32)


def lids(layout: Layout, opening: float) -> tuple[Array, Array, Array]:
    """Trace the lids of the eye on the image's right, centimetres from the eye's centre.

    Args:
        layout: the feature positions.
        opening: 1 for relaxed, less when narrowed.

    Returns:
        x, y of the upper lid, y of the lower lid, float32 (40,) each, from the inner corner out.
    """
    u = np.linspace(-1, 1, 40, dtype=np.float32)
    axis = -layout.eye_tilt * u * 1.6 + 0.10
    skew = u + 0.16 * (1 - u**2)
    upper = axis - 1.16 * layout.eye_open * opening * np.clip(1 - np.abs(skew) ** 2.2, 0, 1) ** 0.85
    skew = u - 0.14 * (1 - u**2)
    lower = axis + 0.52 * layout.eye_open * (0.35 + 0.65 * opening) * np.clip(1 - skew**2, 0, 1) ** 0.8
    return layout.eye_half * u, upper.astype(np.float32), lower.astype(np.float32)


def _ball(person: Person, gaze: tuple[float, float], glint: tuple[float, float], noise: Array) -> Image:
    """Paint the eyeball that shows between the lids, uint8 sRGB."""
    rows, columns = round(2 * _HALF[1] * _SCALE), round(2 * _HALF[0] * _SCALE)
    x = (np.arange(columns, dtype=np.float32) / _SCALE - _HALF[0])[None, :]
    y = (np.arange(rows, dtype=np.float32) / _SCALE - _HALF[1])[:, None]
    shade = np.clip(1.0 - 0.14 * x**2 - 0.10 * (y - 0.1) ** 2, 0.4, 1)
    image = np.stack([shade * 0.84, shade * 0.80, shade * 0.78], axis=2)
    r = np.hypot(x - gaze[0], y - gaze[1] + 0.08)
    angle = np.arctan2(y - gaze[1] + 0.08, x - gaze[0])
    fibre = noise[np.clip((angle + np.pi) / (2 * np.pi) * (len(noise) - 1), 0, len(noise) - 1).astype(int)]
    glow = 0.72 + 0.55 * np.clip((y - gaze[1]) / 0.6, -0.5, 1) + 0.22 * fibre * np.clip(r / 0.5, 0, 1)
    ring = 1 - 0.62 * np.clip((r - 0.47) / 0.16, 0, 1) ** 1.5
    iris = np.array(person.eye_colour, np.float32) * (glow * ring * 1.45)[..., None]
    iris = np.where((r < 0.24)[..., None], 0.025, iris)
    edge = np.clip((0.65 - r) / 0.05, 0, 1)[..., None]
    image = image + (iris - image) * edge
    spot = np.clip(1.5 - np.hypot(x - glint[0], y - glint[1] + 0.08) / 0.085, 0, 1)[..., None]
    image = image + (0.98 - image) * spot * 0.9
    return np.asarray(np.clip(image, 0, 1) * 255, np.uint8)


def _lashes(image: Image, person: Person, x: Array, upper: Array, lower: Array) -> None:
    """Draw lid rims, lashes and crease, in place."""
    dark = _byte((0.10, 0.065, 0.06))
    heavy = 0.075 + 0.05 * person.makeup + (0.02 if person.sex == "f" else 0.0)
    rim = _byte(tuple(0.62 * c for c in person.lip_colour))  # type: ignore[arg-type]
    cv2.polylines(image, [_pixels(x, lower + 0.03)], False, rim, max(1, round(0.05 * _SCALE)), cv2.LINE_AA, 4)
    thick = max(1, round(heavy * _SCALE))
    cv2.polylines(image, [_pixels(x, upper)], False, dark, thick, cv2.LINE_AA, 4)
    wing = np.array([x[-1], x[-1] + 0.18 + 0.15 * person.makeup], np.float32)
    cv2.polylines(
        image, [_pixels(wing, upper[-1] - np.array([0, 0.1], np.float32))], False, dark, thick, cv2.LINE_AA, 4
    )
    reach = 0.10 + (0.14 + 0.12 * person.makeup if person.sex == "f" else 0.0)
    for k in range(8, 40, 2):
        lean = 0.35 * (k / 39 - 0.35)
        hair_x = np.array([x[k], x[k] + lean], np.float32)
        hair_y = np.array([upper[k], upper[k] - reach], np.float32)
        cv2.polylines(image, [_pixels(hair_x, hair_y)], False, dark, 2, cv2.LINE_AA, 4)


def _crease(image: Image, person: Person, x: Array, upper: Array) -> Image:
    """Darken the fold above the lid."""
    if person.lid_fold < 0.08:
        return image
    sheet = np.zeros(image.shape[:2], np.uint8)
    u = np.linspace(-1, 1, len(x), dtype=np.float32)
    height = 0.16 + 0.20 * person.lid_fold - 0.05 * u**2
    path = _pixels(x * 1.05, upper - height)
    cv2.polylines(sheet, [path], False, 255, max(1, round(0.09 * _SCALE)), cv2.LINE_AA, 4)
    mask = cv2.GaussianBlur(sheet, (0, 0), 4).astype(np.float32)[..., None] / 255
    shade = 1 - mask * (0.25 + 0.35 * person.lid_fold) * np.array([0.8, 1.0, 1.0], np.float32)
    return np.asarray(image * shade, np.uint8)


def paint_eyes(
    albedo: Array,
    person: Person,
    layout: Layout,
    opening: float,
    gaze: tuple[float, float],
    glint: tuple[float, float],
) -> None:
    """Paint both eyes into a skin texture, in place.

    Args:
        albedo: float32 (*canvas.SIZE, 3), linear RGB.
        person: the person.
        layout: the feature positions.
        opening: 1 for relaxed, less when narrowed.
        gaze: where the irises point, centimetres right and down.
        glint: where the light mirrors, centimetres right and down of the eye's centre.
    """
    fibres = np.random.default_rng([person.seed, person.number, 0xE7E]).standard_normal(180).astype(np.float32)
    x, upper, lower = lids(layout, opening)
    for side in (-1, 1):
        column = round((side * layout.eye_x - _HALF[0] - LEFT) * PER_CM)
        row = round((-_HALF[1] - TOP) * PER_CM)
        rows, columns = round(2 * _HALF[1] * PER_CM), round(2 * _HALF[0] * PER_CM)
        part = albedo[row : row + rows, column : column + columns]
        srgb = np.power(np.clip(part, 0, 1), 1 / 2.2) * 255
        patch = np.asarray(cv2.resize(srgb.astype(np.uint8), (columns * _FINE, rows * _FINE)), np.uint8)
        # Both eyes are drawn as the right one: the left is mirrored before and after, but not its light.
        if side < 0:
            patch = np.ascontiguousarray(patch[:, ::-1], np.uint8)
        patch = _crease(patch, person, x, upper)
        ball = _ball(person, (side * gaze[0], gaze[1]), (side * glint[0], glint[1]), fibres)
        hole = np.zeros(patch.shape[:2], np.uint8)
        outline = np.concatenate([_pixels(x, upper), _pixels(x, lower)[::-1]])
        cv2.fillPoly(hole, [outline], 255, cv2.LINE_AA, 4)
        shadow = np.zeros_like(hole)
        cv2.polylines(shadow, [_pixels(x, upper + 0.06)], False, 255, round(0.2 * _SCALE), cv2.LINE_AA, 4)
        dim = 1 - 0.55 * cv2.GaussianBlur(shadow, (0, 0), 6).astype(np.float32)[..., None] / 255
        ball = np.asarray(ball * dim, np.uint8)
        tear = _pixels(x[:1] + 0.1, lower[:1])[0]
        cv2.circle(ball, (int(tear[0]), int(tear[1])), round(0.17 * _SCALE * 16), (196, 128, 118), -1, cv2.LINE_AA, 4)
        mask = (hole.astype(np.float32) / 255)[..., None]
        patch = np.asarray(patch + (ball - patch.astype(np.float32)) * mask, np.uint8)
        _lashes(patch, person, x, upper, lower)
        if side < 0:
            patch = np.ascontiguousarray(patch[:, ::-1], np.uint8)
        small = cv2.resize(patch, (columns, rows), interpolation=cv2.INTER_AREA)
        part[:] = np.power(small.astype(np.float32) / 255, 2.2)
