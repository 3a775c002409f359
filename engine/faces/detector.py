"""Find the faces of a picture: by the project's own network, or by taking the picture as one.

The network looks twice. The first look, at the whole picture, says where faces may be; the second, at each of them
held upright at one size, says whether it is one and where exactly its landmarks lie. Where it is sure of none, it
looks again with room around the picture, and at the picture turned.
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
"""Version of how the network looks at a picture; part of the fingerprint."""
NEAR, FAR = 352, 1280
"""Longest sides of the views, in pixels: small pictures are seen as they are, large ones twice, for faces far off."""
LEAST_SIDE = 192
CANDIDATE_SCORE = 0.35
DOUBTFUL_SCORE, CLEARLY = 0.8, 0.1
"""Below this best score a picture is looked at turned, too; a turned picture must be surer by so much."""
ROOM = 0.3
MOST_FACES = 256
AT_ONCE = 16


class Detector(Protocol):
    """Anything that finds faces."""

    name: str

    def detect(self, image: Pixels) -> list[Face]:
        """All faces of an upright RGB picture, uint8 (height, width, 3), the largest first."""
        ...

    def crop(self, image: Pixels, face: Face) -> Pixels:
        """The face upright on the template, uint8 (112, 112, 3)."""
        ...


@dataclass(frozen=True, slots=True)
class DetectorInfo(ModelFolder):
    """What the ``model.json`` of a detector says.

    Attributes:
        least_score: from which an answer is taken for a face.
    """

    least_score: float

    @property
    def preprocessing(self) -> str:
        """How the network looks at pictures."""
        return f"looks {LOOKS} least score {self.least_score}"


class WholePicture:
    """For pictures that are face crops already: the face is the picture."""

    name = "crops"

    def detect(self, image: Pixels) -> list[Face]:
        """One face, the whole picture, with the landmarks of the set's template."""
        height, width = image.shape[:2]
        stretch = np.array([width, height], np.float32) / CROP_SIZE
        landmarks = np.asarray(KNOWN_TEMPLATES.get((width, height), TEMPLATE * stretch), np.float32)
        return [Face((0, 0, width, height), landmarks, 1.0)]

    def crop(self, image: Pixels, face: Face) -> Pixels:
        """The picture itself, at the template's size."""
        return as_crop(image)


class NetworkDetector:
    """The project's own detector; safe to share between threads."""

    def __init__(self, folder: Path | None = None) -> None:
        """Load a model folder, by default the one shipped with niteru.

        Raises:
            ModelUnusable: if the folder is not a usable model.
        """
        folder = folder or MODELS / DEFAULT_DETECTOR
        self.info = read_info(folder, DetectorInfo)
        self.name = self.info.id
        weights = checked_weights(folder, self.info)
        # One for each size of view: changing the size of a network's input costs half a millisecond.
        self._first, self._second = Network(weights), Network(weights)

    def detect(self, image: Pixels) -> list[Face]:
        """All faces, the largest first; cropped tightly or lying on the side, too, where it is sure of no others."""
        sizes = self._sizes(image)
        found = self._look(image, sizes)
        if _surest(found) < DOUBTFUL_SCORE:
            # A knee in a photo that lies on its side can look like a face; the face that is there looks more like one.
            others = [self._look(image, sizes, turn, ROOM) for turn in range(4)]
            best = max(others, key=_surest)
            found = best if _surest(best) > _surest(found) + CLEARLY else found
        faces = [_face(found, row) for row in range(len(found))]
        return sorted(faces, key=lambda face: face.box[2] * face.box[3], reverse=True)

    def crop(self, image: Pixels, face: Face) -> Pixels:
        """The face, aligned by its landmarks."""
        return align(image, face.landmarks)

    def _sizes(self, image: Pixels) -> list[Reduced]:
        """From near by, and from far off where the picture is larger; made once for all looks."""
        longest = max(image.shape[:2])
        sizes = [min(max(longest, LEAST_SIDE), NEAR), *([min(longest, FAR)] if longest > 1.25 * NEAR else [])]
        return [reduced(image, size) for size in sizes]

    def _look(self, image: Pixels, sizes: list[Reduced], turn: int = 0, room: float = 0.0) -> Detections:
        """Both looks at a picture, turned by quarters, with room around it."""
        # No room from far off: what is seen only from near by does not fill its picture.
        views = [whole(size, turn, 0.0 if place else room) for place, size in enumerate(sizes)]
        candidates = without_doubles(joined([self._candidates(view) for view in views]))
        # Points in one place cannot be held upright.
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
    """Name of the detector that :func:`load_detector` gives, told without loading it.

    Raises:
        ModelUnusable: as :func:`load_detector`.
    """
    return WholePicture.name if crops else read_info(MODELS / DEFAULT_DETECTOR, DetectorInfo).id


def load_detector(crops: bool = False) -> Detector:
    """The detector of this installation.

    Args:
        crops: the pictures are face crops already; nothing is searched for.

    Raises:
        ModelUnusable: if the shipped network is damaged.
    """
    return WholePicture() if crops else NetworkDetector()


def _surest(found: Detections) -> float:
    return float(found.scores.max(initial=0.0))


def _by_stride(outputs: list[Floats], row: int) -> list[Floats]:
    """The grids of one picture of a batch, the finest first, whatever order the file has them in."""
    return [grid[row] for grid in sorted(outputs, key=lambda grid: grid.shape[1], reverse=True)]


_MIDDLE = np.array([0.5 - 0.24, 0.5 - 0.33, 0.48, 0.66], np.float32) * FACE_VIEW


def _in_the_middle(seen: Detections) -> Detections:
    """The surest face where the second look expects one, or none: neighbours have views of their own."""
    return seen.only(np.flatnonzero(overlap(_MIDDLE, seen.boxes) >= 0.35)[:1])


def _face(found: Detections, row: int) -> Face:
    x, y, width, height = (round(float(value)) for value in found.boxes[row])
    return Face((x, y, width, height), found.landmarks[row], float(found.scores[row]))
