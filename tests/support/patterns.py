"""Pictures without a face, made in other ways than those the detector learns from."""

from __future__ import annotations

import cv2
import numpy as np


def _noise(rng: np.random.Generator) -> np.ndarray:
    kind = rng.integers(3)
    if kind == 0:
        return rng.integers(0, 256, (200, 260, 3)).astype(np.uint8)
    if kind == 1:
        return np.repeat((rng.random((200, 260, 1)) < rng.uniform(0.05, 0.95)) * np.uint8(255), 3, axis=2)
    grey = np.cumsum(np.cumsum(rng.normal(size=(220, 220)), axis=0), axis=1)
    return np.repeat(cv2.normalize(grey, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)[..., None], 3, axis=2)


def _gradient(rng: np.random.Generator) -> np.ndarray:
    y, x = np.mgrid[0:1:180j, 0:1:240j]
    round_about, across = np.hypot(x - rng.random(), y - rng.random()), x * rng.normal() + y * rng.normal()
    amount = round_about if rng.random() < 0.5 else across
    amount = (amount - amount.min()) / np.ptp(amount)
    first, second = rng.uniform(0, 255, (2, 3))
    return (first + amount[..., None] * (second - first)).astype(np.uint8)


def _plasma(rng: np.random.Generator) -> np.ndarray:
    y, x = np.mgrid[:200, :240] / rng.uniform(4, 40)
    waves = [np.sin(x * a + y * b + c) for a, b, c in rng.normal(0, 1.2, (9, 3))]
    return np.stack([128 + 42 * sum(waves[i::3]) for i in range(3)], axis=2).clip(0, 255).astype(np.uint8)


def _voronoi(rng: np.random.Generator) -> np.ndarray:
    seeds = rng.uniform(0, 220, (int(rng.integers(5, 60)), 2))
    y, x = np.mgrid[:220, :220]
    nearest = ((x[..., None] - seeds[:, 0]) ** 2 + (y[..., None] - seeds[:, 1]) ** 2).argmin(axis=2)
    return rng.integers(0, 256, (len(seeds), 3)).astype(np.uint8)[nearest]


def _maze(rng: np.random.Generator) -> np.ndarray:
    small = np.kron(rng.random((20, 26)) < 0.5, np.ones((10, 10))).astype(np.uint8)
    tones = rng.integers(0, 256, (2, 3)).astype(np.uint8)
    return tones[small]


def _moire(rng: np.random.Generator) -> np.ndarray:
    y, x = np.mgrid[:240, :240]
    first, second = (np.hypot(x - a, y - b) / rng.uniform(0.6, 6) for a, b in rng.uniform(0, 240, (2, 2)))
    grey = 127 + 60 * np.sin(first) + 60 * np.sin(second)
    return np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)


def _landscape(rng: np.random.Generator) -> np.ndarray:
    image = np.empty((200, 300, 3), np.uint8)
    image[:] = np.linspace(rng.uniform(120, 255, 3), rng.uniform(120, 255, 3), 200)[:, None].astype(np.uint8)
    for layer in range(int(rng.integers(2, 6))):
        ridge = 60 + 25 * layer + np.cumsum(rng.normal(0, 2, 302))
        line = np.column_stack([np.arange(-1, 301), ridge]).astype(np.int32)
        outline = np.vstack([line, [[301, 200], [-1, 200]]]).astype(np.int32)
        cv2.fillPoly(image, [outline], rng.uniform(10, 160, 3).tolist())
    cv2.circle(image, (int(rng.integers(300)), int(rng.integers(80))), int(rng.integers(5, 30)), (255, 240, 180), -1)
    return image


def _backend(rng: np.random.Generator) -> np.ndarray:
    image = np.full((220, 220, 3), rng.integers(120, 255, 3), np.uint8)
    left, top = rng.integers(10, 60, 2)
    cv2.rectangle(image, (int(left), int(top) + 40), (200, 210), rng.uniform(60, 255, 3).tolist(), -1)
    roof = np.array([[left - 8, top + 40], [105, top - 10], [208, top + 40]], np.int32)
    cv2.fillPoly(image, [roof], rng.uniform(0, 160, 3).tolist())
    for x, y in ((60, 100), (140, 100), (100, 160)):
        cv2.rectangle(image, (x, y), (x + 25, y + 30), rng.uniform(0, 120, 3).tolist(), -1)
        cv2.line(image, (x + 12, y), (x + 12, y + 30), (230, 230, 230), 2)
    return image


def _scribble(rng: np.random.Generator) -> np.ndarray:
    image = np.full((200, 200, 3), 250, np.uint8)
    for _ in range(int(rng.integers(5, 60))):
        points = rng.integers(0, 200, (int(rng.integers(2, 6)), 1, 2)).astype(np.int32)
        cv2.polylines(
            image, [points], bool(rng.random() < 0.3), rng.uniform(0, 200, 3).tolist(), int(rng.integers(1, 6))
        )
    return image


KINDS = (_noise, _gradient, _plasma, _voronoi, _maze, _moire, _landscape, _backend, _scribble)


def faceless(number: int) -> np.ndarray:
    """Picture ``number``, uint8 RGB."""
    return np.ascontiguousarray(KINDS[number % len(KINDS)](np.random.default_rng([9, number])))
