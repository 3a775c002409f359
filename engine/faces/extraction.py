"""Photo → faces with their crops and quality, in this process or over an executor of workers."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from niteru.engine import Pixels
from niteru.engine.faces.detector import Detector, load_detector
from niteru.engine.faces.face import Face
from niteru.engine.faces.quality import judge
from niteru.engine.photos.decode import (
    PhotoError,
    decode,
)
from niteru.engine.photos.skip_reason import SkipReason
from niteru.engine.photos.source import PhotoSource


class NoFace(PhotoError):
    """The picture is fine and shows no face."""

    slug = SkipReason.NO_FACE


@dataclass(frozen=True, slots=True, eq=False)
class DetectedFace:
    """A face, its aligned crop, uint8 RGB (112, 112, 3), what speaks against it, and when in a video it was seen."""

    face: Face
    crop: Pixels
    quality: tuple[str, ...]
    second: float | None = None


def extract(source: bytes | PhotoSource, detector: Detector) -> list[DetectedFace]:
    """Decode a photo and cut out its faces, the largest first.

    Raises:
        PhotoError: the photo cannot be decoded, or shows no face (:class:`NoFace`).
    """
    found = faces_in(decode(source), detector)
    if not found:
        raise NoFace("no face found in the picture")
    return found


def faces_in(image: Pixels, detector: Detector) -> list[DetectedFace]:
    """The faces in a decoded picture, uint8 RGB (height, width, 3), the largest first; none if there are none."""
    crops = [(face, detector.crop(image, face)) for face in detector.detect(image)]
    return [DetectedFace(face, crop, judge(face, crop)) for face, crop in crops]


@functools.cache
def process_detector(crops: bool) -> Detector:
    """The detector of this process, loaded at first use and kept."""
    return load_detector(crops)
