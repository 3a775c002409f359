"""Random pictures without faces: light, noise, cloth, walls, writing, blobs."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from niteru.engine import Pixels

Paint = Callable[[int, int, np.random.Generator], Pixels]


def colour(rng: np.random.Generator) -> tuple[int, int, int]:
    """Draw a random colour, often a skin tone, by which a detector must not be misled."""
    if rng.random() < 0.35:
        light = rng.uniform(0.25, 1.0)
        tone = np.array([255, rng.uniform(170, 215), rng.uniform(120, 190)]) * light
    else:
        tone = rng.uniform(0, 255, 3)
    red, green, blue = (int(v) for v in tone)
    return red, green, blue


def plain(height: int, width: int, rng: np.random.Generator) -> Pixels:
    """Fill a picture with one colour."""
    return np.full((height, width, 3), colour(rng), np.uint8)


def gradient(height: int, width: int, rng: np.random.Generator) -> Pixels:
    """Blend a few colours into one another."""
    rows, columns = rng.integers(1, 5, 2)
    few = np.array([colour(rng) for _ in range(int(rows * columns))], np.uint8).reshape(rows, columns, 3)
    return _enlarged(few, height, width, cv2.INTER_CUBIC)


def noise(height: int, width: int, rng: np.random.Generator) -> Pixels:
    """Add up noise of several grain sizes, from sand to clouds."""
    total = np.zeros((height, width, 3), np.float32)
    channels = 1 if rng.random() < 0.5 else 3
    for _ in range(int(rng.integers(1, 5))):
        cells = int(2 ** rng.uniform(1, 8))
        grain = rng.normal(0, 1, (cells, max(1, cells * width // height), channels)).astype(np.float32)
        total += cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC).reshape(height, width, channels)
    total = total / max(float(total.std()), 1e-3) * rng.uniform(10, 70) + np.array(colour(rng), np.float32)
    return np.asarray(total.clip(0, 255), np.uint8)


def stripes(height: int, width: int, rng: np.random.Generator) -> Pixels:
    """Draw stripes or a weave of them, straight or wavy, hard or soft."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    total = np.ones((height, width, 1), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        angle, pitch = rng.uniform(0, np.pi), 2 ** rng.uniform(2, 6.5)
        across = x * np.cos(angle) + y * np.sin(angle) + rng.uniform(0, 12) * np.sin(y / rng.uniform(8, 60))
        wave = np.sin(2 * np.pi * across / pitch + rng.uniform(0, 6))
        wave = np.clip(wave * rng.choice([1.0, 2.0, 20.0]), -1, 1)
        total = total * (0.5 + 0.5 * wave)[..., None]
    first, second = np.array(colour(rng), np.float32), np.array(colour(rng), np.float32)
    return np.asarray(first + (second - first) * total, np.uint8)


def tiles(height: int, width: int, rng: np.random.Generator) -> Pixels:
    """Draw rectangles in rows, each a little different, like checks, bricks or windows."""
    picture = plain(height, width, rng)
    tall, wide = (int(2 ** rng.uniform(2.5, 6.5)) for _ in "hw")
    gap = int(rng.integers(0, max(2, min(tall, wide) // 3)))
    tones, shift = [colour(rng) for _ in range(int(rng.integers(1, 4)))], int(rng.choice([0, wide // 2]))
    for row, y in enumerate(range(-tall, height, tall)):
        for x in range(-wide - shift * (row % 2), width, wide):
            tone = np.array(tones[int(rng.integers(len(tones)))]) * rng.uniform(0.85, 1.1)
            cv2.rectangle(picture, (x, y), (x + wide - gap - 1, y + tall - gap - 1), tone.clip(0, 255).tolist(), -1)
    return picture


def dots(height: int, width: int, rng: np.random.Generator) -> Pixels:
    """Draw rows of discs, some with a rim or a hole, like buttons, grilles or polka dots."""
    picture = plain(height, width, rng)
    pitch = int(2 ** rng.uniform(3, 6.5))
    radius, tone, core = max(1, int(pitch * rng.uniform(0.1, 0.5))), colour(rng), colour(rng)
    for row, y in enumerate(range(0, height + pitch, pitch)):
        for x in range((row % 2) * pitch // 2, width + pitch, pitch):
            cv2.circle(picture, (x, y), radius, tone, -1, cv2.LINE_AA)
            if radius > 4:
                cv2.circle(picture, (x, y), radius // 2, core, -1, cv2.LINE_AA)
    return picture


def blobs(height: int, width: int, rng: np.random.Generator) -> Pixels:
    """Draw random ellipses, bars and corners, shaded and softened, like fruit, stones, furniture or lights."""
    picture = gradient(height, width, rng)
    for _ in range(int(rng.integers(2, 25))):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        size = 2 ** rng.uniform(2, 6.5, 2)
        angle, tone = float(rng.uniform(0, 180)), colour(rng)
        kind = rng.integers(3)
        if kind == 0:
            axes = (max(1, int(size[0])), max(1, int(size[1])))
            cv2.ellipse(picture, (x, y), axes, angle, 0, 360, tone, -1, cv2.LINE_AA)
        elif kind == 1:
            corners = cv2.boxPoints(((x, y), (float(size[0] * 2), float(size[1] * 2)), angle)).astype(np.int32)
            cv2.fillPoly(picture, [corners], tone, cv2.LINE_AA)
        else:
            end = (int(x + size[0] * np.cos(angle)), int(y + size[0] * np.sin(angle)))
            cv2.line(picture, (x, y), end, tone, int(rng.integers(1, 10)), cv2.LINE_AA)
    softness = rng.uniform(0, 3)
    return cv2.GaussianBlur(picture, (0, 0), softness) if softness > 0.4 else picture  # type: ignore[return-value]


def rings(height: int, width: int, rng: np.random.Generator) -> Pixels:
    """Draw circles in circles, like wheels, plates, clocks or eyes."""
    picture = noise(height, width, rng) if rng.random() < 0.5 else plain(height, width, rng)
    for _ in range(int(rng.integers(1, 8))):
        x, y, radius = int(rng.integers(width)), int(rng.integers(height)), int(2 ** rng.uniform(2.5, 6.5))
        for share in np.sort(rng.uniform(0.1, 1, int(rng.integers(2, 7))))[::-1]:
            cv2.circle(picture, (x, y), max(1, int(radius * share)), colour(rng), -1, cv2.LINE_AA)
        for angle in np.arange(0, 6.28, 6.28 / rng.integers(3, 24)) if rng.random() < 0.4 else ():
            end = (int(x + radius * np.cos(angle)), int(y + radius * np.sin(angle)))
            cv2.line(picture, (x, y), end, colour(rng), 1, cv2.LINE_AA)
    return picture


def writing(height: int, width: int, rng: np.random.Generator) -> Pixels:
    """Write lines of letters and digits of all sizes, like posters, pages or signs."""
    picture = plain(height, width, rng)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:;-()o0O8%&@  "))
    y = 0
    while y < height:
        scale = 2 ** rng.uniform(-1.5, 2)
        y += int(scale * 26) + int(rng.integers(1, 12))
        line = "".join(rng.choice(letters, int(rng.integers(3, 40))))
        start, weight = (int(rng.integers(-20, 20)), y), int(rng.integers(1, 1 + max(2, int(3 * scale))))
        cv2.putText(picture, line, start, int(rng.integers(0, 8)), scale, colour(rng), weight, cv2.LINE_AA)
    return picture


def strands(height: int, width: int, rng: np.random.Generator) -> Pixels:
    """Draw many thin curves in roughly one direction, like hair, grass or twigs."""
    picture = gradient(height, width, rng)
    lean, bend, tone = rng.uniform(0, 6.28), rng.uniform(-0.02, 0.02), np.array(colour(rng))
    steps = np.arange(0, 90, 9)
    for _ in range(int(rng.integers(60, 350))):
        angles = lean + rng.normal(0, 0.25) + bend * steps
        start = np.array([rng.uniform(-40, width + 40), rng.uniform(-40, height + 40)])
        curve = start + np.cumsum(np.stack([np.cos(angles), np.sin(angles)], axis=1) * 9, axis=0)
        shade = (tone * rng.uniform(0.4, 1.3)).clip(0, 255).tolist()
        cv2.polylines(picture, [curve.astype(np.int32)], False, shade, int(rng.integers(1, 4)), cv2.LINE_AA)
    return picture


PATTERNS: tuple[Paint, ...] = (plain, gradient, noise, stripes, tiles, dots, blobs, rings, writing, strands)


def pattern(height: int, width: int, rng: np.random.Generator) -> Pixels:
    """Draw one of the patterns, or a blend of two."""
    first = PATTERNS[int(rng.integers(len(PATTERNS)))](height, width, rng)
    if rng.random() < 0.6:
        return first
    second = PATTERNS[int(rng.integers(len(PATTERNS)))](height, width, rng)
    share = float(rng.uniform(0.2, 0.8))
    return cv2.addWeighted(first, share, second, 1 - share, 0)  # type: ignore[return-value]


def _enlarged(small: Pixels, height: int, width: int, how: int) -> Pixels:
    return cv2.resize(small, (width, height), interpolation=how)  # type: ignore[return-value]
