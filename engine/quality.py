"""Why a face may serve badly: reasons, not one number."""

from __future__ import annotations

import cv2
import numpy as np

from engine.finder import Face
from engine.photo import Pixels

MIN_EYE_DISTANCE = 12.0
"""Pixels between the eyes below which a crop is mostly invented by enlargement."""
MIN_SCORE = 0.9
MIN_BRIGHTNESS = 35.0
MIN_SHARPNESS = 12.0


def judge(face: Face, crop: Pixels) -> tuple[str, ...]:
    """Reasons why this face may give a poor vector; empty when there is none.

    Args:
        face: as found in the photo.
        crop: the same face aligned, uint8 RGB (112, 112, 3).

    Returns:
        Some of ``too_small``, ``low_score``, ``too_dark``, ``blurred``.
    """
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[16:96, 16:96]
    left, right = face.landmarks[0], face.landmarks[1]
    checks = {
        "too_small": float(np.hypot(*(right - left))) < MIN_EYE_DISTANCE,
        "low_score": face.score < MIN_SCORE,
        "too_dark": float(grey.mean()) < MIN_BRIGHTNESS,
        "blurred": float(cv2.Laplacian(grey, cv2.CV_32F).var()) < MIN_SHARPNESS,
    }
    return tuple(reason for reason, holds in checks.items() if holds)
