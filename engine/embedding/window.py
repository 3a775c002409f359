"""The central part of an aligned crop, which is all that a network sees."""

from __future__ import annotations

import cv2

from niteru.engine import Pixels


def central_window(crop: Pixels, side: int, window: int) -> Pixels:
    """Cut out the middle of a crop, scaled to the network's input size.

    Args:
        crop: uint8 RGB, shape (112, 112, 3).
        side: input side of the network.
        window: side of the part to cut out, in pixels of the crop.

    Returns:
        uint8 RGB, shape (side, side, 3).
    """
    start = (crop.shape[0] - window) // 2
    part = crop[start : start + window, start : start + window]
    return cv2.resize(part, (side, side), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]
