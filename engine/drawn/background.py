"""Backgrounds: walls, bokeh, foliage, windows."""

import cv2
import numpy as np

from niteru.engine.drawn.canvas import linear
from niteru.engine.drawn.mesh import Array, noise

_TONES = (
    (0.78, 0.76, 0.72),
    (0.45, 0.55, 0.65),
    (0.62, 0.50, 0.40),
    (0.30, 0.33, 0.36),
    (0.55, 0.60, 0.48),
    (0.85, 0.82, 0.76),
    (0.70, 0.58, 0.55),
    (0.20, 0.24, 0.32),
    (0.50, 0.42, 0.52),
    (0.88, 0.88, 0.90),
)


def _gradient(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    corners = np.stack([linear(_TONES[int(k)]) for k in rng.choice(len(_TONES), 2, replace=False)])
    spread = rng.uniform(0.15, 0.9)
    grid = corners[0] + (corners[1] - corners[0]) * spread * rng.uniform(0, 1, (2, 2, 1))
    grid = np.asarray(grid * rng.uniform(0.7, 1.15, (2, 2, 1)), np.float32)
    return np.asarray(cv2.resize(grid, shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _wall(rng: np.random.Generator, image: Array) -> Array:
    shape = (image.shape[0], image.shape[1])
    grain = 0.05 * noise(rng, shape, (3, 3)) + 0.05 * noise(rng, shape, (22, 22))
    image = image * (1 + grain)[..., None]
    if rng.random() < 0.5:
        pitch = int(rng.integers(24, 60))
        for k in range(0, shape[0], pitch):
            image[k : k + 2] *= 0.72
            start = (k // pitch % 2) * pitch
            for j in range(start, shape[1], 2 * pitch):
                image[k : k + pitch, j : j + 2] *= 0.72
    return np.asarray(cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.8, 2.5))), np.float32)


def _bokeh(rng: np.random.Generator, image: Array) -> Array:
    image = image * 0.45
    for _ in range(int(rng.integers(12, 40))):
        at = (int(rng.integers(image.shape[1])), int(rng.integers(image.shape[0])))
        layer = np.zeros(image.shape[:2], np.float32)
        cv2.circle(layer, at, int(rng.integers(5, 30)), 1.0, -1, cv2.LINE_AA)
        colour = np.array([1.0, rng.uniform(0.55, 1), rng.uniform(0.25, 1)], np.float32)
        image = image + layer[..., None] * colour * float(rng.uniform(0.05, 0.35))
    return np.asarray(cv2.GaussianBlur(image, (0, 0), float(rng.uniform(1.0, 2.5))), np.float32)


def _foliage(rng: np.random.Generator, image: Array) -> Array:
    shape = (image.shape[0], image.shape[1])
    leaf = noise(rng, shape, (11, 9)) + 0.7 * noise(rng, shape, (30, 26)) + 0.5 * noise(rng, shape, (80, 80))
    green = linear((rng.uniform(0.28, 0.42), rng.uniform(0.36, 0.44), rng.uniform(0.24, 0.30)))
    image = green * np.exp(0.38 * leaf)[..., None] + 0.12 * np.clip(leaf - 1.6, 0, 2)[..., None]
    return np.asarray(cv2.GaussianBlur(image.astype(np.float32), (0, 0), float(rng.uniform(1.5, 4.5))), np.float32)


def _window(rng: np.random.Generator, image: Array) -> Array:
    rows, columns = image.shape[:2]
    left, top = int(rng.uniform(-0.2, 0.6) * columns), int(rng.uniform(-0.2, 0.1) * rows)
    wide, tall = int(rng.uniform(0.35, 0.6) * columns), int(rng.uniform(0.55, 0.9) * rows)
    light = linear((0.92, 0.95, 1.0)) * rng.uniform(0.8, 1.3)
    image = image * 0.7
    cv2.rectangle(image, (left, top), (left + wide, top + tall), [float(c) for c in light], -1)
    for k in (0.0, 0.5, 1.0):
        x, y = int(left + k * wide), int(top + k * tall)
        cv2.line(image, (x, top), (x, top + tall), [0.5, 0.48, 0.45], 7)
        cv2.line(image, (left, y), (left + wide, y), [0.5, 0.48, 0.45], 7)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), float(rng.uniform(3, 7))), np.float32)


def _shapes(rng: np.random.Generator, image: Array) -> Array:
    rows, columns = image.shape[:2]
    for _ in range(int(rng.integers(4, 10))):
        left, top = int(rng.integers(-60, columns)), int(rng.integers(-60, rows))
        wide, tall = int(rng.integers(20, columns // 2)), int(rng.integers(30, rows // 2))
        tone = linear(_TONES[int(rng.integers(len(_TONES)))]) * rng.uniform(0.3, 1.0)
        cv2.rectangle(image, (left, top), (left + wide, top + tall), [float(c) for c in tone], -1)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), float(rng.uniform(4, 12))), np.float32)


def paint_background(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Paint a background of a random kind.

    Args:
        rng: the photo's source of randomness.
        shape: rows and columns.

    Returns:
        float32 (*shape, 3), linear RGB.
    """
    image = _gradient(rng, shape)
    kind = int(rng.integers(6))
    if kind > 0:
        image = (_wall, _bokeh, _foliage, _window, _shapes)[kind - 1](rng, image)
    return np.asarray(np.clip(image, 0, 1.5), np.float32)
