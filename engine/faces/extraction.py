"""Photo → faces, each with its aligned crop and what is wrong with its quality."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

from niteru.engine import Pixels
from niteru.engine.faces.detector import Detector, load_detector
from niteru.engine.faces.face import Face
from niteru.engine.faces.main_face import main_face
from niteru.engine.faces.quality import judge
from niteru.engine.photos.decoding.picture import Picture
from niteru.engine.photos.photo_error import PhotoError
from niteru.engine.photos.skip_reason import SkipReason


class NoFace(PhotoError):
    """The picture can be decoded but shows no face."""

    slug = SkipReason.NO_FACE


@dataclass(frozen=True, slots=True, eq=False)
class DetectedFace:
    """A face found in a photo or a video.

    Attributes:
        face: where it is, in pixels of the upright photo, also of one that was halved when it was decoded.
        crop: the face aligned, uint8 RGB (112, 112, 3).
        quality: reasons why it may give a poor vector.
        second: its time in the video; None in a photo.
    """

    face: Face
    crop: Pixels
    quality: tuple[str, ...]
    second: float | None = None


def extract(picture: Picture, detector: Detector) -> list[DetectedFace]:
    """Cut out the faces of a decoded photo, the largest first.

    Raises:
        NoFace: it shows none.
    """
    found = faces_in(picture.pixels, detector)
    if not found:
        raise NoFace("no face found in the picture")
    return [replace(one, face=one.face.scaled(picture.scale)) for one in found]


def faces_in(image: Pixels, detector: Detector) -> list[DetectedFace]:
    """Cut the faces out of a decoded picture, uint8 RGB (height, width, 3), the largest first."""
    crops = [(face, detector.crop(image, face)) for face in detector.detect(image)]
    return [DetectedFace(face, crop, judge(face, crop)) for face, crop in crops]


def main_first(found: list[DetectedFace], size: tuple[int, int]) -> list[DetectedFace]:
    """Move the main face of a photo to the front; the others stay in their order.

    Args:
        found: faces of one picture.
        size: width and height of that picture, in the pixels of the faces' boxes.
    """
    if len(found) < 2:
        return found
    main = main_face([one.face for one in found], size)
    return [found[main], *found[:main], *found[main + 1 :]]


@functools.cache
def process_detector(*, crops: bool) -> Detector:
    """Detector of this process, loaded when first used and kept."""
    return load_detector(crops)
