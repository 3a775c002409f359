"""Choice of one face of a picture that may show several."""

from __future__ import annotations

import numpy as np

from niteru.engine import Pixels
from niteru.engine.faces.detector import Detector
from niteru.engine.faces.extraction import DetectedFace, NoFace
from niteru.engine.faces.face import Face
from niteru.engine.faces.main_face import main_face
from niteru.engine.faces.quality import judge
from niteru.engine.failure import Failure
from niteru.engine.photos.decoding.picture import Picture

LEAST_EYE_DISTANCE = 6.0
"""Pixels between the eyes below which no answer is given: at 6, four in ten are not recognised (bench/quality.py)."""

FACE_PATTERN = r"^(main|largest|center|[0-9]{1,3})$(?!\n)"
"""Choice of one face of a photo: the main one, the largest, the most central, or a number from 0.

As JavaScript writes it, too, for /openapi.json has it: there ``\\Z`` is no end.
"""


class FaceTooSmall(Failure):
    """A face has too few pixels to be compared."""


class NoSuchFace(Failure):
    """A photo shows too few faces for the requested number."""

    slug = "bad-parameter"


def chosen_face(detector: Detector, image: Pixels, faces: list[Face], which: str) -> DetectedFace:
    """Cut out the face of a picture that is meant.

    Args:
        detector: that found the faces.
        image: uint8 RGB (height, width, 3).
        faces: all that were found, the largest first.
        which: ``main``, ``largest``, ``center``, or a number from 0; see :data:`FACE_PATTERN`.

    Raises:
        NoFace: there is none.
        NoSuchFace, FaceTooSmall: there is no such face, or it cannot be compared.
    """
    if not faces:
        raise NoFace("no face was found; a larger or more frontal picture may help")
    if which == "main":
        face = faces[main_face(faces, Picture(image).size)]
    elif which == "center":
        face = min(faces, key=lambda face: _off_centre(face, image))
    elif which == "largest":
        face = faces[0]
    elif int(which) < len(faces):
        face = faces[int(which)]
    else:
        raise NoSuchFace(f"face {which} was asked for and {len(faces)} found, counted from 0")
    if float(np.hypot(*(face.landmarks[1] - face.landmarks[0]))) < LEAST_EYE_DISTANCE:
        raise FaceTooSmall(f"the eyes are less than {LEAST_EYE_DISTANCE:.0f} pixels apart; use a larger picture")
    crop = detector.crop(image, face)
    return DetectedFace(face, crop, judge(face, crop))


def _off_centre(face: Face, image: Pixels) -> float:
    x, y, width, height = face.box
    return float(np.hypot(x + width / 2 - image.shape[1] / 2, y + height / 2 - image.shape[0] / 2))
