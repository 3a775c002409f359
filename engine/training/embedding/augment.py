"""Vary a crop the way photographs of one face vary."""

from __future__ import annotations

import cv2
import numpy as np

from engine.photo import Pixels

SHIFT = 8
"""Pixels of the 112-pixel crop by which a training window may lie off the centre."""


def vary(crop: Pixels, side: int, window: int, rng: np.random.Generator) -> Pixels:
    """A random window, mirrored or not, in other light, sometimes grey, blurred or low in detail.

    Args:
        crop: uint8 RGB, shape (112, 112, 3).
        side: input side of the network.
        window: side of the central part the network sees at test time.
        rng: source of chance.

    Returns:
        uint8 RGB, shape (side, side, 3).
    """
    part = _random_window(crop, window, rng)
    if rng.random() < 0.25:
        part = _lose_detail(part, rng)
    face = cv2.resize(part, (side, side), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        face = face[:, ::-1]
    return _relight(np.asarray(face, np.uint8), rng)


def _random_window(crop: Pixels, window: int, rng: np.random.Generator) -> Pixels:
    size = int(window * rng.uniform(0.92, 1.08))
    size = min(size, crop.shape[0])
    middle = (crop.shape[0] - size) / 2
    x, y = (int(np.clip(middle + rng.integers(-SHIFT, SHIFT + 1), 0, crop.shape[0] - size)) for _ in "xy")
    return crop[y : y + size, x : x + size]


def _lose_detail(part: Pixels, rng: np.random.Generator) -> Pixels:
    """Small faces in old photos: shrink, and enlarge again."""
    small = int(rng.integers(24, 64))
    shrunk = cv2.resize(part, (small, small), interpolation=cv2.INTER_AREA)
    return cv2.resize(shrunk, part.shape[:2], interpolation=cv2.INTER_LINEAR)  # type: ignore[return-value]


def _relight(face: Pixels, rng: np.random.Generator) -> Pixels:
    light = face.astype(np.float32)
    if rng.random() < 0.15:
        light = light @ np.full((3, 3), 1 / 3, np.float32)
    else:
        light *= rng.uniform(0.92, 1.08, 3).astype(np.float32)
    contrast, brightness = rng.uniform(0.75, 1.25), rng.uniform(-25, 25)
    light = (light - 128) * np.float32(contrast) + np.float32(128 + brightness)
    return light.clip(0, 255).astype(np.uint8)
