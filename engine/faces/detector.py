"""Detectors: niteru's own network, and one that takes every picture for a face.

The network runs twice. The first pass, over the whole picture, proposes faces; the second, over each proposal turned
upright and scaled to one size, decides whether it is a face and where exactly its landmarks are. Where no face scores
well, it tries again with room around the picture, and with the picture turned.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from niteru.engine import Pixels
from niteru.engine.faces.alignment import CROP_SIZE, KNOWN_TEMPLATES, TEMPLATE, align, as_crop
from niteru.engine.faces.detections import Detections, decode, joined, overlap, without_doubles
from niteru.engine.faces.face import Face
from niteru.engine.faces.views import FACE_VIEW, Reduced, View, at_face, reduced, whole
from niteru.engine.networks.litert import Floats, Network
from niteru.engine.networks.model_folder import MODELS, ModelFolder, checked_weights, read_info

DEFAULT_DETECTOR = "niteru-finder-v1"
LOOKS = 1
"""Version of the passes over a picture; part of the fingerprint."""
NEAR, FAR = 352, 1280
"""Longest sides of the views, in pixels: large pictures are seen at both sizes, for the sake of small faces."""
LEAST_SIDE = 192
CANDIDATE_SCORE = 0.35
DOUBTFUL_SCORE, CLEARLY = 0.8, 0.1
"""Best score below which a picture is turned as well, and how much better a turned picture must score."""
ROOM = 0.3
MOST_FACES = 256
AT_ONCE = 16


class Detector(Protocol):
    """Anything that finds faces in pictures and aligns them."""

    name: str

    def detect(self, image: Pixels) -> list[Face]:
        """Find all faces in an upright RGB picture, uint8 (height, width, 3), the largest first."""
        ...

    def crop(self, image: Pixels, face: Face) -> Pixels:
        """Cut the face out, aligned to the template, uint8 (112, 112, 3)."""
        ...


@dataclass(frozen=True, slots=True)
class DetectorInfo(ModelFolder):
    """The ``model.json`` of a detector.

    Attributes:
        least_score: score from which a detection counts as a face.
    """

    least_score: float

    @property
    def preprocessing(self) -> str:
        """The passes over a picture and the least score, in words."""
        return f"looks {LOOKS} least score {self.least_score}"


class WholePicture:
    """A detector for pictures that are face crops already: the face is the picture."""

    name = "crops"

    def detect(self, image: Pixels) -> list[Face]:
        """Return one face, the whole picture, with the landmarks of the set's template."""
        height, width = image.shape[:2]
        stretch = np.array([width, height], np.float32) / CROP_SIZE
        landmarks = np.asarray(KNOWN_TEMPLATES.get((width, height), TEMPLATE * stretch), np.float32)
        return [Face((0, 0, width, height), landmarks, 1.0)]

    def crop(self, image: Pixels, face: Face) -> Pixels:
        """Fit the picture to the template."""
        return as_crop(image)


class NetworkDetector:
    """niteru's own detector; safe to share between threads."""

    def __init__(self, folder: Path | None = None) -> None:
        """Load a model folder, by default niteru's own model.

        Raises:
            ModelUnusable: if the folder is not a usable model.
        """
        folder = folder or MODELS / DEFAULT_DETECTOR
        self.info = read_info(folder, DetectorInfo)
        self.name = self.info.id
        weights = checked_weights(folder, self.info)
        # One for each pass: changing the size of a network's input costs half a millisecond.
        self._first, self._second = Network(weights), Network(weights)

    def detect(self, image: Pixels) -> list[Face]:
        """Find all faces, the largest first, also tightly cropped or turned ones where no other face scores well."""
        sizes = self._sizes(image)
        found = self._look(image, sizes)
        if _surest(found) < DOUBTFUL_SCORE:
            # In a photo on its side, a knee can look like a face; once it is turned, the real face looks more like one.
            others = [self._look(image, sizes, turn, ROOM) for turn in range(4)]
            best = max(others, key=_surest)
            found = best if _surest(best) > _surest(found) + CLEARLY else found
        faces = [_face(found, row) for row in range(len(found))]
        return sorted(faces, key=lambda face: face.box[2] * face.box[3], reverse=True)

    def crop(self, image: Pixels, face: Face) -> Pixels:
        """Cut the face out, aligned by its landmarks."""
        return align(image, face.landmarks)

    def _sizes(self, image: Pixels) -> list[Reduced]:
        """The picture at the near size and, if it is larger, at the far one; made once for all passes."""
        longest = max(image.shape[:2])
        sizes = [min(max(longest, LEAST_SIDE), NEAR), *([min(longest, FAR)] if longest > 1.25 * NEAR else [])]
        return [reduced(image, size) for size in sizes]

    def _look(self, image: Pixels, sizes: list[Reduced], turn: int = 0, room: float = 0.0) -> Detections:
        """Run both passes over a picture, turned by quarters, with room around it."""
        # The far size needs no room: a face that shows only there does not fill the picture.
        views = [whole(size, turn, 0.0 if place else room) for place, size in enumerate(sizes)]
        candidates = without_doubles(joined([self._candidates(view) for view in views]))
        # Landmarks that coincide cannot be aligned.
        candidates = candidates.only(np.ptp(candidates.landmarks, axis=1).max(axis=1) > 1)
        return self._second_look(image, candidates.only(np.arange(min(len(candidates), MOST_FACES))))

    def _candidates(self, view: View) -> Detections:
        outputs = self._first(view.pixels[None].astype(np.float32))
        return decode(_by_stride(outputs, 0), CANDIDATE_SCORE).moved(view.back)

    def _second_look(self, image: Pixels, candidates: Detections) -> Detections:
        sure = []
        for start in range(0, len(candidates), AT_ONCE):
            some = candidates.only(np.arange(start, min(start + AT_ONCE, len(candidates))))
            views = [at_face(image, landmarks) for landmarks in some.landmarks]
            outputs = self._second(np.stack([view.pixels for view in views]).astype(np.float32))
            for row, view in enumerate(views):
                seen = decode(_by_stride(outputs, row), CANDIDATE_SCORE)
                sure.append(_in_the_middle(seen).moved(view.back))
        faces = joined(sure) if sure else candidates
        return without_doubles(faces.only(faces.scores >= self.info.least_score))


def detector_name(crops: bool = False) -> str:
    """Name of the detector that :func:`load_detector` would load.

    Raises:
        ModelUnusable: the description of niteru's own model is damaged.
    """
    return WholePicture.name if crops else read_info(MODELS / DEFAULT_DETECTOR, DetectorInfo).id


def load_detector(crops: bool = False) -> Detector:
    """Load niteru's own detector, or the one for pictures that are face crops already.

    Args:
        crops: whether the pictures are face crops already.

    Raises:
        ModelUnusable: niteru's own model is damaged.

    Example:
        >>> from niteru.engine.drawn import draw, person
        >>> image = draw(person(0), 0).image
        >>> detector = load_detector()
        >>> [face] = detector.detect(image)
        >>> face.landmarks.shape, detector.crop(image, face).shape
        ((5, 2), (112, 112, 3))
    """
    return WholePicture() if crops else NetworkDetector()


def _surest(found: Detections) -> float:
    return float(found.scores.max(initial=0.0))


def _by_stride(outputs: list[Floats], row: int) -> list[Floats]:
    """Grids of one picture of a batch, the finest first, whatever their order in the file."""
    return [grid[row] for grid in sorted(outputs, key=lambda grid: grid.shape[1], reverse=True)]


_MIDDLE = np.array([0.5 - 0.24, 0.5 - 0.33, 0.48, 0.66], np.float32) * FACE_VIEW


def _in_the_middle(seen: Detections) -> Detections:
    """The best face in the middle of the second pass's view, or none: neighbours have views of their own."""
    return seen.only(np.flatnonzero(overlap(_MIDDLE, seen.boxes) >= 0.35)[:1])


def _face(found: Detections, row: int) -> Face:
    x, y, width, height = (round(float(value)) for value in found.boxes[row])
    return Face((x, y, width, height), found.landmarks[row], float(found.scores[row]))
