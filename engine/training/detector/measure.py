"""Agreement of a detector with reference boxes and landmarks."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field

import numpy as np

from niteru.engine.faces.detections import overlap
from niteru.engine.faces.detector import Detector
from niteru.engine.faces.face import Face
from niteru.engine.faces.landmarks_table import FacesByPath
from niteru.engine.photos.decode import decode
from niteru.engine.photos.faces_folder import LabelledPhoto
from niteru.engine.photos.photo_error import PhotoError
from niteru.engine.work.progress import progress_bar

SURE_SCORE, LEAST_SIDE = 0.95, 24
"""Score and side in pixels from which a reference box must be found."""
SAME_BOX, SAME_FACE = 0.4, 0.2
"""Overlaps from which a reference box counts as found, and below which a detection is one that the reference lacks."""
FRONTAL = 0.25
"""Distance in eye distances that the nose of a frontal face may have from the middle between the eyes."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """The faces found in one photo, and those of the reference."""

    ref: str
    found: list[Face]
    known: list[Face]


@dataclass
class Agreement:
    """Counts and errors over photos."""

    photos: int = 0
    required: int = 0
    recalled: int = 0
    extra: list[tuple[str, Face]] = field(default_factory=list)
    missed: list[tuple[str, Face]] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    frontal: list[float] = field(default_factory=list)

    def add(self, photo: Comparison) -> None:
        """Count one photo."""
        self.photos += 1
        boxes = _boxes(photo.found)
        for face in photo.known:
            if face.score < SURE_SCORE or min(face.box[2:]) < LEAST_SIDE:
                continue
            self.required += 1
            shared = overlap(np.array(face.box, np.float32), boxes)
            if not len(shared) or shared.max() < SAME_BOX:
                self.missed.append((photo.ref, face))
                continue
            self.recalled += 1
            self._compare(face, photo.found[int(shared.argmax())])
        known = _boxes(photo.known)
        for face in photo.found:
            shared = overlap(np.array(face.box, np.float32), known)
            if not len(shared) or shared.max() < SAME_FACE:
                self.extra.append((photo.ref, face))

    def _compare(self, known: Face, found: Face) -> None:
        apart = float(np.hypot(*(known.landmarks[1] - known.landmarks[0])))
        error = float(np.linalg.norm(known.landmarks - found.landmarks, axis=1).mean()) / max(apart, 1.0)
        self.errors.append(error)
        if is_frontal(known):
            self.frontal.append(error)

    def figures(self) -> dict[str, float | int]:
        """Recall of the reference's sure boxes, number of boxes it lacks, and landmark errors in eye distances."""
        return {
            "photos": self.photos,
            "reference_faces": self.required,
            "recall": round(self.recalled / max(self.required, 1), 4),
            "boxes_the_reference_lacks": len(self.extra),
            "landmark_error": round(float(np.mean(self.errors)), 4) if self.errors else 0.0,
            "landmark_error_frontal": round(float(np.mean(self.frontal)), 4) if self.frontal else 0.0,
        }


def is_frontal(face: Face) -> bool:
    """Whether the nose is about midway between the eyes, along the line through them."""
    across = face.landmarks[1] - face.landmarks[0]
    off = face.landmarks[2] - face.landmarks[:2].mean(axis=0)
    return bool(abs(float(off @ across)) <= FRONTAL * float(across @ across))


def compare(detector: Detector, photos: list[LabelledPhoto], known: FacesByPath) -> Agreement:
    """Run a detector over photos and compare the faces with known ones; photos that cannot be decoded are left out."""
    agreement = Agreement()
    with progress_bar("finding", len(photos), "photo") as bar:
        for photo in photos:
            with contextlib.suppress(PhotoError):
                found = detector.detect(decode(photo.path))
                agreement.add(Comparison(photo.ref, found, known.get(photo.on_disk.resolve(), [])))
            bar.update()
    return agreement


def _boxes(faces: list[Face]) -> np.ndarray:
    return np.array([face.box for face in faces], np.float32).reshape(-1, 4)
