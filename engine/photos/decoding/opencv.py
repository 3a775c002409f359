"""OpenCV's decoders, for what Pillow does not decode, or decodes in Python; loaded when first needed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels


def rgb_by_opencv(data: bytes) -> Pixels:
    """Decode a picture to 8-bit RGB, (height, width, 3).

    Raises:
        ValueError: it cannot be decoded.
    """
    import cv2

    return np.asarray(_decoded(data, cv2.IMREAD_COLOR)[..., ::-1], np.uint8)


def by_opencv(data: bytes) -> NDArray[Any]:
    """Decode a picture to what it stores: (height, width), or RGB with or without alpha, (height, width, 3 or 4).

    Raises:
        ValueError: it cannot be decoded.
    """
    import cv2

    samples = _decoded(data, cv2.IMREAD_UNCHANGED)
    if samples.ndim == 2:
        return samples
    return samples[..., ::-1] if samples.shape[2] == 3 else samples[..., [2, 1, 0, 3]]  # the first is not copied


def _decoded(data: bytes, how: int) -> NDArray[Any]:
    import cv2

    samples = cv2.imdecode(np.frombuffer(data, np.uint8), how)
    if samples is None:
        raise ValueError("OpenCV cannot decode it")
    return samples
