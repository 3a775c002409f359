"""Drawings of what could be mistaken for a face: animals, hands, knees, things with two knobs."""

from __future__ import annotations

import cv2
import numpy as np

from niteru.engine import Pixels
from niteru.engine.training.detector.patterns import colour, noise

Point = tuple[int, int]


def paint_animal(picture: Pixels, centre: Point, size: float, rng: np.random.Generator) -> None:
    """Draw an animal's head of about ``size`` pixels into an RGB picture: ears, muzzle, eyes wide apart."""
    fur, dark = colour(rng), (int(rng.integers(60)),) * 3
    wide, tall = size * rng.uniform(0.42, 0.6), size * rng.uniform(0.35, 0.55)
    _ears(picture, centre, wide, tall, fur, rng)
    _ellipse(picture, centre, wide, tall, fur)
    eye_y, apart = centre[1] - tall * rng.uniform(0, 0.35), wide * rng.uniform(0.35, 0.75)
    radius = size * rng.uniform(0.03, 0.1)
    for side in (-1, 1):
        place = (int(centre[0] + side * apart), int(eye_y))
        if rng.random() < 0.6:
            _ellipse(picture, place, radius * 1.4, radius * 1.2, colour(rng))
        _ellipse(picture, place, radius * rng.uniform(0.4, 1), radius, dark)
    nose = (centre[0], int(centre[1] + tall * rng.uniform(0.1, 0.6)))
    _ellipse(picture, nose, wide * rng.uniform(0.3, 0.6), tall * rng.uniform(0.25, 0.5), colour(rng))
    _ellipse(picture, nose, wide * rng.uniform(0.08, 0.2), tall * rng.uniform(0.06, 0.16), dark)
    for _ in range(int(rng.integers(0, 8))):
        end = (int(nose[0] + rng.uniform(-1, 1) * wide * 1.3), int(nose[1] + rng.uniform(-0.3, 0.5) * tall))
        cv2.line(picture, nose, end, colour(rng), 1, cv2.LINE_AA)


def paint_hand(picture: Pixels, centre: Point, size: float, rng: np.random.Generator) -> None:
    """Draw a hand, or a knee or an arm when the fingers are few, of about ``size`` pixels."""
    light = rng.uniform(0.3, 1)
    skin = np.array([255, rng.uniform(180, 215), rng.uniform(130, 190)]) * light
    turn = rng.uniform(0, 2 * np.pi)
    for finger in range(int(rng.integers(0, 6))):
        angle = turn + (finger - 2) * rng.uniform(0.15, 0.4)
        reach = size * rng.uniform(0.35, 0.6)
        end = (int(centre[0] + reach * np.cos(angle)), int(centre[1] + reach * np.sin(angle)))
        shade = (skin * rng.uniform(0.75, 1)).tolist()
        cv2.line(picture, centre, end, shade, max(1, int(size * rng.uniform(0.08, 0.14))), cv2.LINE_AA)
        _ellipse(picture, end, size * 0.04, size * 0.05, (skin * rng.uniform(0.8, 1.1)).clip(0, 255).tolist())
    _ellipse(picture, centre, size * rng.uniform(0.15, 0.35), size * rng.uniform(0.2, 0.4), skin.tolist())
    wrist = (int(centre[0] - size * np.cos(turn)), int(centre[1] - size * np.sin(turn)))
    cv2.line(picture, centre, wrist, (skin * 0.9).tolist(), max(1, int(size * 0.25)), cv2.LINE_AA)
    for _ in range(int(rng.integers(0, 4))):
        spot = (int(centre[0] + size * rng.uniform(-0.2, 0.2)), int(centre[1] + size * rng.uniform(-0.2, 0.2)))
        cv2.ellipse(picture, spot, (max(1, int(size * 0.1)),) * 2, 0, 20, 150, (skin * 0.6).tolist(), 1, cv2.LINE_AA)


def paint_thing(picture: Pixels, centre: Point, size: float, rng: np.random.Generator) -> None:
    """Draw a box or a disc with a pair of round knobs: radios, cars from the front, sockets, buttons."""
    body = (int(size * rng.uniform(0.3, 0.6)), int(size * rng.uniform(0.25, 0.6)))
    if rng.random() < 0.6:
        corner, end = (centre[0] - body[0], centre[1] - body[1]), (centre[0] + body[0], centre[1] + body[1])
        cv2.rectangle(picture, corner, end, colour(rng), -1)
    else:
        _ellipse(picture, centre, *body, colour(rng))
    knob, tone = size * rng.uniform(0.04, 0.16), colour(rng)
    for side in (-1, 1):
        _ellipse(picture, (int(centre[0] + side * body[0] * 0.55), centre[1] - body[1] // 3), knob, knob, tone)
    for row in range(int(rng.integers(0, 4))):
        y = centre[1] + body[1] // 5 + row * max(2, body[1] // 5)
        cv2.line(picture, (centre[0] - body[0] // 2, y), (centre[0] + body[0] // 2, y), colour(rng), 2)


def creatures(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """Draw one to four animals, hands or things on a picture, with fur or grain and soft edges."""
    picture = np.ascontiguousarray(picture)
    height, width = picture.shape[:2]
    for _ in range(int(rng.integers(1, 5))):
        size = min(height, width) * rng.uniform(0.15, 0.9)
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        (paint_animal, paint_hand, paint_thing)[int(rng.integers(3))](picture, centre, size, rng)
    if rng.random() < 0.6:
        picture = np.asarray(cv2.addWeighted(picture, 0.85, noise(height, width, rng), 0.15, 0), np.uint8)
    return cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.5, 2.5)))  # type: ignore[return-value]


def _ears(picture: Pixels, centre: Point, wide: float, tall: float, fur: object, rng: np.random.Generator) -> None:
    pointed, high = rng.random() < 0.5, rng.uniform(0.6, 1.3)
    for side in (-1, 1):
        root = (centre[0] + side * wide * 0.7, centre[1] - tall * 0.6)
        if pointed:
            tip = [root[0] + side * wide * 0.3, root[1] - tall * high]
            corners = np.array([[root[0] - wide * 0.3, root[1]], tip, [root[0] + wide * 0.3, root[1]]])
            cv2.fillPoly(picture, [corners.astype(np.int32)], fur, cv2.LINE_AA)  # type: ignore[call-overload]
        else:
            _ellipse(picture, (int(root[0]), int(root[1])), wide * 0.35, tall * high * 0.5, fur)


def _ellipse(picture: Pixels, centre: Point, wide: float, tall: float, tone: object) -> None:
    axes = (max(1, int(wide)), max(1, int(tall)))
    cv2.ellipse(picture, centre, axes, 0, 0, 360, tone, -1, cv2.LINE_AA)  # type: ignore[call-overload]
