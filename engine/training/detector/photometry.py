"""Changes to a picture like those by cameras, light, age and hands."""

from __future__ import annotations

import cv2
import numpy as np

from niteru.engine import Pixels
from niteru.engine.training.detector.labels import LabelledFace
from niteru.engine.training.detector.patterns import colour, pattern


def take_photo(scene: Pixels, rng: np.random.Generator) -> Pixels:
    """Change light and colours, and sometimes grey, blur, roughen or badly compress a picture, uint8 RGB."""
    scene = _light(scene, rng)
    if rng.random() < 0.2:
        scene = np.asarray(cv2.GaussianBlur(scene, (0, 0), float(rng.uniform(0.5, 2.2))), np.uint8)
    if rng.random() < 0.15:
        grain = np.empty(scene.shape, np.int16)
        cv2.setRNGSeed(int(rng.integers(2**31)))  # OpenCV has a generator of its own in each thread
        cv2.randn(grain, np.zeros(3), np.full(3, rng.uniform(3, 22)))
        scene = np.asarray(np.clip(scene + grain, 0, 255), np.uint8)
    if rng.random() < 0.2:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(15, 75))]
        scene = np.asarray(cv2.imdecode(cv2.imencode(".jpg", scene, quality)[1], cv2.IMREAD_COLOR), np.uint8)
    return scene


def _light(scene: Pixels, rng: np.random.Generator) -> Pixels:
    """Change gamma, contrast, brightness and tint by a table for each channel, and make some pictures grey."""
    if rng.random() < 0.2:
        grey = cv2.cvtColor(scene, cv2.COLOR_RGB2GRAY)
        scene = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)
    strong = rng.random() < 0.3
    levels = np.linspace(0, 1, 256)[:, None] ** np.exp(rng.normal(0, 0.5 if strong else 0.2))
    contrast, brightness = rng.uniform(0.4, 1.4) if strong else rng.uniform(0.8, 1.2), rng.normal(0, 0.08)
    tint = rng.uniform(0.85, 1.15, 3)
    table = ((levels - 0.5) * contrast + 0.5 + brightness) * tint
    return cv2.LUT(scene, (table * 255).clip(0, 255).astype(np.uint8)[:, None])  # type: ignore[return-value]


def hide_part(scene: Pixels, face: LabelledFace, rng: np.random.Generator) -> None:
    """Hide up to a third of a face behind a patch, like a microphone, a hand or a bar."""
    x, y, width, height = face.box
    wide, high = (max(2, int(side * rng.uniform(0.2, 0.55))) for side in (width, height))
    left, top = int(x + rng.uniform(-0.1, 0.8) * width), int(y + rng.uniform(-0.1, 0.8) * height)
    left, top = max(left, 0), max(top, 0)
    spot = scene[top : top + high, left : left + wide]
    if not spot.size:
        return
    if rng.random() < 0.5:
        spot[:] = pattern(spot.shape[0], spot.shape[1], rng)
    else:
        centre, axes = (left + wide // 2, top + high // 2), (wide // 2, high // 2)
        cv2.ellipse(scene, centre, axes, float(rng.uniform(0, 180)), 0, 360, colour(rng), -1, cv2.LINE_AA)
