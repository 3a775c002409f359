"""Random variation of a crop, like that between photographs of one face."""

from __future__ import annotations

import cv2
import numpy as np

from niteru.engine import Pixels

SHIFT, TURN, ZOOM, STRETCH = 2.7, 4.0, 0.06, 0.03
"""Standard deviations: pixels of the 112-pixel crop, degrees, and natural logarithms of factors."""


def vary(crop: Pixels, side: int, window: int, rng: np.random.Generator) -> Pixels:
    """Move, turn, stretch and relight a crop at random; sometimes mirror it, grey it, blur it or hide a part of it.

    Args:
        crop: uint8 RGB, shape (112, 112, 3).
        side: input side of the network.
        window: side of the central part that the network sees at test time.
        rng: source of randomness.

    Returns:
        uint8 RGB, shape (side, side, 3).
    """
    face = _moved(_lose_detail(crop, rng), side, window, rng)
    face = _relit(face, rng)
    if rng.random() < 0.3:
        _hide_a_part(face, rng)
    return face


def _lose_detail(crop: Pixels, rng: np.random.Generator) -> Pixels:
    """Shrink and enlarge the crop, like a small face in an old photo, or store it as a poor JPEG."""
    chance = rng.random()
    if chance < 0.3:
        small = int(rng.integers(20, 70))
        shrunk = cv2.resize(crop, (small, small), interpolation=cv2.INTER_AREA)
        return cv2.resize(shrunk, crop.shape[:2], interpolation=cv2.INTER_LINEAR)  # type: ignore[return-value]
    if chance < 0.4:
        _, file = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(10, 50))])
        return cv2.imdecode(file, cv2.IMREAD_COLOR)  # type: ignore[return-value]
    return crop


def _moved(crop: Pixels, side: int, window: int, rng: np.random.Generator) -> Pixels:
    drawn = max(side, window)  # a warp that shrinks would skip pixels
    scale = drawn / window * np.exp(rng.normal(0, ZOOM))
    angle, stretch = np.deg2rad(rng.normal(0, TURN)), np.exp(rng.normal(0, STRETCH))
    across, along = np.cos(angle) * scale, np.sin(angle) * scale
    matrix = np.array([[across * stretch, -along, 0], [along * stretch, across, 0]])
    if rng.random() < 0.5:
        matrix[:, 0] *= -1
    target = drawn / 2 + rng.normal(0, SHIFT, 2) * drawn / window
    matrix[:, 2] = target - matrix[:, :2] @ np.full(2, crop.shape[0] / 2)
    edge = cv2.BORDER_REPLICATE if rng.random() < 0.7 else cv2.BORDER_CONSTANT
    face = cv2.warpAffine(crop, matrix, (drawn, drawn), flags=cv2.INTER_LINEAR, borderMode=edge)
    return cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def _relit(face: Pixels, rng: np.random.Generator) -> Pixels:
    grey = rng.random() < 0.15
    if grey:
        face = np.repeat(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    colour = np.ones(3) if grey else rng.uniform(0.9, 1.1, 3)
    contrast, brightness, gamma = rng.uniform(0.7, 1.3), rng.uniform(-30, 30), rng.uniform(0.8, 1.25)
    values = (np.arange(256)[:, None] * colour - 128) * contrast + 128 + brightness
    table = 255 * (values.clip(0, 255) / 255) ** gamma
    return cv2.LUT(face, table.astype(np.uint8)[None])  # type: ignore[return-value]


def _hide_a_part(face: Pixels, rng: np.random.Generator) -> None:
    """Lay a patch of one colour over the face, up to two fifths of its width, like a hand, a microphone or a hat."""
    side = face.shape[0]
    height, width = rng.integers(side // 11, side * 2 // 5, 2)
    top, left = rng.integers(0, side - height), rng.integers(0, side - width)
    face[top : top + height, left : left + width] = rng.integers(0, 256, 3)
