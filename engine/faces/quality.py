"""Reasons why a face may give a poor vector, instead of one number for its quality.

The thresholds are measured: ``python -m bench.quality FACES`` makes faces of real photos smaller, darker and more
blurred step by step, and sorts them by pose and score. Each threshold is where a tenth of the faces that used to be
recognised no longer are (docs/detector.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels
from niteru.engine.faces.alignment import TEMPLATE, Landmarks, similarity_transform
from niteru.engine.faces.face import Face

MIN_EYE_DISTANCE = 10.0
MIN_SCORE = 0.8
MIN_BRIGHTNESS = 37.0
MAX_BLUR = 0.76
MAX_POSE = 0.167
BLUR_WIDTH = 9
_MIDDLE = slice(16, 96)
"""Rows and columns of a crop that show the face, whoever it is."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Measurements of a face's quality.

    Attributes:
        eye_distance: distance between the eyes in pixels of the photo, before scaling to the crop.
        score: the detector's score.
        brightness: mean of the crop's middle, 0–255.
        blur: share of the differences between neighbouring pixels that further blurring leaves, 0–1 (Crete et al.,
            "The blur effect", 2007): small in a sharp picture, large in a blurred one.
        pose: mean distance of the landmarks from those of a frontal face, in eye distances.
    """

    eye_distance: float
    score: float
    brightness: float
    blur: float
    pose: float


def measure(face: Face, crop: Pixels) -> Measures:
    """Measure a face by its place in the photo and its aligned crop, uint8 RGB (112, 112, 3)."""
    return Measures(
        eye_distance=float(np.hypot(*(face.landmarks[1] - face.landmarks[0]))),
        score=face.score,
        brightness=float(_middle(crop).mean()),
        blur=blur_of(crop),
        pose=_pose(face.landmarks),
    )


def judge(face: Face, crop: Pixels) -> tuple[str, ...]:
    """List the reasons why a face may give a poor vector; there are none for a good one.

    Args:
        face: the face as the detector found it.
        crop: the same face aligned, uint8 RGB (112, 112, 3).

    Returns:
        Some of ``too_small``, ``low_score``, ``too_dark``, ``blurred``, ``extreme_pose``.
    """
    seen = measure(face, crop)
    checks = {
        "too_small": seen.eye_distance < MIN_EYE_DISTANCE,
        "low_score": seen.score < MIN_SCORE,
        "too_dark": seen.brightness < MIN_BRIGHTNESS,
        "blurred": seen.blur > MAX_BLUR,
        "extreme_pose": seen.pose > MAX_POSE,
    }
    return tuple(reason for reason, holds in checks.items() if holds)


def least_blur(reasons: Iterable[str]) -> float | None:
    """Blur that a face has at least, by the reasons of :func:`judge` alone; None where they do not say."""
    return MAX_BLUR if {"blurred", "too_small"} & set(reasons) else None


def blur_of(crop: Pixels) -> float:
    """Measure the blur of an aligned crop, uint8 RGB (112, 112, 3); a face of few pixels is blurred, too.

    Of two directions the more blurred one counts: cameras shake in one.
    """
    # Grain, and the steps of eight bits in a smooth picture, must not pass for sharpness.
    grey = np.asarray(cv2.GaussianBlur(_middle(crop).astype(np.float32), (0, 0), 1.0), np.float32)
    return max(_left_by_blurring(grey), _left_by_blurring(np.ascontiguousarray(grey.T)))


def _middle(crop: Pixels) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[_MIDDLE, _MIDDLE], np.uint8)


def _left_by_blurring(grey: NDArray[np.float32]) -> float:
    before = np.abs(np.diff(grey, axis=1))
    after = np.abs(np.diff(cv2.blur(grey, (BLUR_WIDTH, 1)), axis=1))
    lost = np.maximum(before - after, 0).sum()
    return 1.0 - float(lost / max(float(before.sum()), 1e-6))


def _pose(landmarks: Landmarks) -> float:
    matrix = similarity_transform(landmarks, TEMPLATE)
    placed = landmarks @ matrix[:, :2].T + matrix[:, 2]
    apart = float(np.hypot(*(TEMPLATE[1] - TEMPLATE[0])))
    return float(np.linalg.norm(placed - TEMPLATE, axis=1).mean()) / apart
