"""Detectors: niteru's own network, and one that takes every picture for a face.

The network runs twice. The first look, over the whole picture, proposes faces; the second, over each proposal turned
upright and scaled to one size, decides whether it is a face and where exactly its landmarks are. Where no face scores
well, it tries again: what looked a little like a face, the picture with room around it, and the picture turned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from niteru.engine import Pixels
from niteru.engine.faces.alignment import CROP_SIZE, KNOWN_TEMPLATES, TEMPLATE, Landmarks, align, as_crop
from niteru.engine.faces.detections import Detections, decode, joined, nothing, overlap, without_doubles
from niteru.engine.faces.face import Face
from niteru.engine.faces.views import FACE_BOX, Reduced, View, at_face, far_view, near_view, tiles, whole
from niteru.engine.networks.model_folder import MODELS, ModelFolder, checked_weights, read_info
from niteru.engine.networks.network import Runnable, open_network
from niteru.engine.networks.runtimes import Floats

DEFAULT_DETECTOR = "niteru-finder-v1"
LOOKS = 3
"""Version of the looks at a picture; part of the fingerprint."""
CANDIDATE_SCORE, FAINT_SCORE, TINY_SCORE = 0.2, 0.15, 0.1
"""Scores from which the second look is asked: of faces at a good size; of all where nothing is sure; and of faces that
the far view made tiny. Turned, a picture must show a face at once: so much looks a little like one."""
UNSURE, SURE = 0.3, 0.7
"""Scores of a second look between which it is repeated, where it says itself that the landmarks are: of real faces it
becomes surer, of others less so."""
TINY, USEFUL = 16, 24
"""Width in the far view below which a face scores low, and width in the picture from which it is worth asking."""
DOUBTFUL_SCORE, CLEARLY = 0.8, 0.1
"""Best score below which a picture is looked at in further ways, and how much more one of them must show."""
MANY = 16
"""Candidates that turn out to be no faces, in a picture that may lie on its side."""
ROOM = 0.3
MOST_CANDIDATES, PATIENCE = 1000, 128
"""Candidates that get a second look at most, and how many in a row may be no faces before the rest is left."""


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
        # One for each look: changing the size of a network's input costs time, a fifth of a first look.
        self._first, self._second = open_network(weights), open_network(weights)

    def detect(self, image: Pixels) -> list[Face]:
        """Find all faces, the largest first, also tightly cropped or turned ones where no other face scores well."""
        found = nothing()
        for candidates in self._looks(image):
            faces = self._second_look(image, candidates)
            found = faces if _evidence(faces) > _evidence(found) + CLEARLY else found
            # In a photo on its side, a knee can look like a face; once it is turned, the real face looks more like one.
            if not _doubtful(faces, candidates):
                break
        in_pixels = [_face(found, row) for row in range(len(found))]
        return sorted(in_pixels, key=lambda face: face.box[2] * face.box[3], reverse=True)

    def crop(self, image: Pixels, face: Face) -> Pixels:
        """Cut the face out, aligned by its landmarks."""
        return align(image, face.landmarks)

    def _looks(self, image: Pixels) -> Iterator[Detections]:
        """Candidates in the picture as it is, then faint ones too, then with room around it, then turned."""
        near, far = near_view(image), far_view(image)
        close, distant = self._close(near), self._distant(far)
        yield _together(_from(CANDIDATE_SCORE, close), distant)
        yield _together(close, distant)
        # The far view needs no room: a face that shows only there does not fill the picture.
        yield _together(_from(CANDIDATE_SCORE, self._close(near_view(image, ROOM), room=ROOM)), distant)
        for turn in (1, 2, 3):
            yield _together(_from(self.info.least_score, self._close(near, turn)), self._distant(far, turn))

    def _close(self, near: Reduced, turn: int = 0, room: float = 0.0) -> Detections:
        """Propose faces in the whole picture, turned by quarters, with room around it."""
        return self._proposals(whole(near, turn, room), FAINT_SCORE)

    def _distant(self, far: Reduced | None, turn: int = 0) -> Detections:
        """Propose faces in the far view, turned by quarters and tile by tile; none if the picture has no such view."""
        if far is None:
            return nothing()
        seen = joined([self._proposals(tile, TINY_SCORE) for tile in tiles(whole(far, turn))])
        width = seen.boxes[:, 2:].min(axis=1)
        made_tiny = (width * far.scale < TINY) & (width >= USEFUL)
        return seen.only((seen.scores >= CANDIDATE_SCORE) | made_tiny)

    def _proposals(self, view: View, least_score: float) -> Detections:
        seen = decode(_grids(self._first, view), least_score).moved(view.back)
        # Landmarks that coincide cannot be aligned.
        return seen.only(np.ptp(seen.landmarks, axis=1).max(axis=1) > 1)

    def _second_look(self, image: Pixels, candidates: Detections) -> Detections:
        """Keep what is a face, the surest candidates first, until a long row of them were none."""
        sure, last = [nothing()], 0
        for number, landmarks in enumerate(candidates.landmarks[:MOST_CANDIDATES]):
            if number - last > PATIENCE:
                break
            face = self._seen_at(image, landmarks)
            if UNSURE <= _best(face) < SURE:
                face = self._seen_at(image, face.landmarks[0])
            if _best(face) >= self.info.least_score:
                sure.append(face)
                last = number
        return without_doubles(joined(sure))

    def _seen_at(self, image: Pixels, landmarks: Landmarks) -> Detections:
        """The face that is seen where landmarks say, or none: neighbours have views of their own."""
        view = at_face(image, landmarks)
        seen = decode(_grids(self._second, view), UNSURE)
        return seen.only(np.flatnonzero(overlap(FACE_BOX, seen.boxes) >= 0.25)[:1]).moved(view.back)


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


def _together(near: Detections, far: Detections) -> Detections:
    return without_doubles(joined([near, far]))


def _from(least_score: float, seen: Detections) -> Detections:
    return seen.only(seen.scores >= least_score)


def _best(found: Detections) -> float:
    return float(found.scores.max(initial=0.0))


def _doubtful(found: Detections, candidates: Detections) -> bool:
    """Whether no face is sure, or most of what looked like faces are none: the picture may lie on its side."""
    refused = int((candidates.scores >= CANDIDATE_SCORE).sum()) - len(found)
    return _best(found) < DOUBTFUL_SCORE or refused > max(MANY, len(found))


def _evidence(found: Detections) -> float:
    """Scores beyond a mere candidate's, in all: a crowd counts for more than its surest face."""
    return float((found.scores - CANDIDATE_SCORE).sum())


def _grids(network: Runnable, view: View) -> list[Floats]:
    """What the network says of a view, the finest grid first, whatever their order in the file."""
    outputs = network(view.pixels[None].astype(np.float32))
    return [grid[0] for grid in sorted(outputs, key=lambda grid: grid.shape[1], reverse=True)]


def _face(found: Detections, row: int) -> Face:
    x, y, width, height = (round(float(value)) for value in found.boxes[row])
    return Face((x, y, width, height), found.landmarks[row], float(found.scores[row]))
