"""The contract of a face finder, and the finders behind it.

A finder is any object with ``find(image)``; which one runs is chosen in :func:`load_finder` alone.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import cv2
import numpy as np

from engine.alignment import CROP_SIZE, KNOWN_TEMPLATES, TEMPLATE, Landmarks, align, as_crop
from engine.photo import Pixels

Box: TypeAlias = tuple[int, int, int, int]
"""``(x, y, width, height)`` in pixels of the upright picture; may reach past its edge."""

PADDING = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face in a picture: where it is and how sure the finder was."""

    box: Box
    landmarks: Landmarks
    score: float


class Finder(Protocol):
    """Anything that finds faces."""

    name: str

    def find(self, image: Pixels) -> list[Face]:
        """All faces of an upright RGB picture, uint8 (height, width, 3), the largest first."""
        ...

    def crop(self, image: Pixels, face: Face) -> Pixels:
        """The face upright on the template, uint8 (112, 112, 3)."""
        ...


class FinderMissing(Exception):
    """No finder can run in this installation."""


class WholePicture:
    """For pictures that are face crops already: the face is the picture."""

    name = "crops"

    def find(self, image: Pixels) -> list[Face]:
        """One face, the whole picture, with the landmarks of the set's template."""
        height, width = image.shape[:2]
        stretch = np.array([width, height], np.float32) / CROP_SIZE
        landmarks = np.asarray(KNOWN_TEMPLATES.get((width, height), TEMPLATE * stretch), np.float32)
        return [Face((0, 0, width, height), landmarks, 1.0)]

    def crop(self, image: Pixels, face: Face) -> Pixels:
        """The picture itself, at the template's size."""
        return as_crop(image)


class LandmarkFinder:
    """What all finders that look for landmarks share: retry on tight crops, order, alignment."""

    name = "landmarks"

    def find(self, image: Pixels) -> list[Face]:
        """All faces, the largest first; a picture that *is* a face is found with room around it."""
        faces = self._detect(image)
        if not faces:
            faces = self._detect_padded(image)
        return sorted(faces, key=lambda face: face.box[2] * face.box[3], reverse=True)

    def crop(self, image: Pixels, face: Face) -> Pixels:
        """The face, aligned by its landmarks."""
        return align(image, face.landmarks)

    def _detect(self, image: Pixels) -> list[Face]:
        raise NotImplementedError

    def _detect_padded(self, image: Pixels) -> list[Face]:
        # Detectors are trained on faces with surroundings; a tight crop has none, so give it some.
        dy, dx = (round(side * PADDING) for side in image.shape[:2])
        padded = cv2.copyMakeBorder(image, dy, dy, dx, dx, cv2.BORDER_REPLICATE)
        shift = np.array([dx, dy], np.float32)
        return [
            Face((f.box[0] - dx, f.box[1] - dy, f.box[2], f.box[3]), f.landmarks - shift, f.score)
            for f in self._detect(np.asarray(padded, np.uint8))
        ]


def finder_name(crops: bool = False) -> str:
    """Name of the finder that :func:`load_finder` gives, told without loading it."""
    return WholePicture.name if crops else "mtcnn-1"


def load_finder(crops: bool = False) -> Finder:
    """The finder of this installation.

    Args:
        crops: the pictures are face crops already; nothing is searched for.

    Raises:
        FinderMissing: if the packages of the finder are not installed.
    """
    if crops:
        return WholePicture()
    missing = [name for name in ("mtcnn", "tensorflow") if importlib.util.find_spec(name) is None]
    if missing:
        raise FinderMissing(
            f"finding faces needs the package {' and '.join(missing)}: pip install 'niteru[train]' "
            "(or CROPS=1, if the pictures are face crops already)"
        )
    # The finder in use needs TensorFlow, which only the training wing may import.
    finder: Finder = importlib.import_module("engine.training.mtcnn_finder").MtcnnFinder()
    return finder
