"""MTCNN behind the finder's contract: the teacher of the project's own finder.

Zhang et al., "Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks", 2016; the
PyPI package ``mtcnn`` carries its weights (MIT).
"""

from __future__ import annotations

import os

# With oneDNN, TensorFlow tells every process's standard error so, at any log level.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import numpy as np
import tensorflow as tf
from mtcnn import MTCNN

from engine.finder import Face, LandmarkFinder, finder_name
from engine.photo import Pixels

LEAST_SCORE = 0.8
_POINTS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")


class MtcnnFinder(LandmarkFinder):
    """Finds faces from about 20 pixels up; 150–250 ms a photo of 400 pixels on one core."""

    name = finder_name()

    def __init__(self) -> None:
        """Build the three networks; takes seconds and 600 MB the first time in a process."""
        self._mtcnn = MTCNN()

    def _detect(self, image: Pixels) -> list[Face]:
        found = self._mtcnn.detect_faces(tf.constant(np.ascontiguousarray(image)), fit_to_image=False)
        return [_as_face(answer) for answer in found if answer["confidence"] >= LEAST_SCORE]


def _as_face(answer: dict) -> Face:  # type: ignore[type-arg]
    x, y, width, height = (round(v) for v in answer["box"])
    points = np.array([answer["keypoints"][name] for name in _POINTS], np.float32)
    return Face((x, y, width, height), points, float(answer["confidence"]))
