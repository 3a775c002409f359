"""Faces in a video: the sharpest of every few frames, and the faces in those that look different."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from niteru.engine import Pixels, Vectors
from niteru.engine.faces.detector import Detector
from niteru.engine.faces.extraction import DetectedFace, NoFace, faces_in, main_first
from niteru.engine.faces.quality import measure
from niteru.engine.photos.decoding.picture import Picture
from niteru.engine.photos.photo_error import PhotoError
from niteru.engine.photos.skip_reason import SkipReason

SUFFIXES = frozenset({".mp4", ".mov", ".avi", ".mkv", ".m4v", ".webm"})
EVERY_S = 0.5
MOST_FRAMES = 240
"""Frames that are looked at, further apart in a longer video."""
_SHARPEST_OF = 3
SAME_LOOK = 0.9
"""Cosine from which two faces of a video look the same; those of neighbouring frames are above it."""
MOST_KEPT = 24


class CorruptVideo(PhotoError):
    """No frame of the video can be decoded."""

    slug = SkipReason.CORRUPT_VIDEO


def candidates(path: Path, detector: Detector) -> list[DetectedFace]:
    """Find the faces in the sharpest of every three frames looked at, with their time; each frame's main face first.

    Raises:
        CorruptVideo: no frame can be decoded.
        NoFace: no frame shows a face.
    """
    looked = False
    kept: list[DetectedFace] = []
    for few in _in_turn(_frames(path)):
        looked = True
        seen = [(second, main_first(faces_in(image, detector), Picture(image).size)) for second, image in few]
        seen = [(second, faces) for second, faces in seen if faces]
        if seen:
            second, faces = min(seen, key=lambda frame: _blur(frame[1][0]))
            kept += [replace(face, second=second) for face in faces]
    if not looked:
        raise CorruptVideo("no frame of the video can be decoded")
    if not kept:
        raise NoFace("no face found in the frames looked at")
    return kept


def distinct(faces: list[DetectedFace], vectors: Vectors) -> list[int]:
    """Choose the faces of a video to keep: the sharpest first, and none that looks like one already kept.

    Args:
        faces: faces of one video.
        vectors: their unit vectors, float32 (n, dimension).

    Returns:
        Their places in ``faces`` in ascending order, 24 at most.
    """
    chosen: list[int] = []
    for place in np.argsort([_blur(face) for face in faces], kind="stable").tolist():
        if all(float(vectors[place] @ vectors[other]) < SAME_LOOK for other in chosen):
            chosen.append(place)
    return sorted(chosen[:MOST_KEPT])


def _in_turn(frames: Iterator[tuple[float, Pixels]]) -> Iterator[list[tuple[float, Pixels]]]:
    while few := list(islice(frames, _SHARPEST_OF)):
        yield few


def _blur(face: DetectedFace) -> float:
    return measure(face.face, face.crop).blur


def _frames(path: Path) -> Iterator[tuple[float, Pixels]]:
    """Yield time and picture, uint8 RGB (height, width, 3), of the frames to look at."""
    video = cv2.VideoCapture(str(path))
    try:
        rate, count = video.get(cv2.CAP_PROP_FPS), video.get(cv2.CAP_PROP_FRAME_COUNT)
        rate = rate if math.isfinite(rate) and 1 <= rate <= 240 else 25.0
        # A live recording does not give its length: only its beginning is looked at.
        known = count if math.isfinite(count) and count > 0 else 0.0
        step = max(round(rate * EVERY_S), math.ceil(known / MOST_FRAMES), 1)
        number = 0
        # Every frame is grabbed, for not every container can be seeked in, but only those needed are decoded.
        while number < step * MOST_FRAMES and video.grab():
            if number % step == 0:
                readable, frame = video.retrieve()
                if readable:
                    yield number / rate, np.ascontiguousarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
            number += 1
    finally:
        video.release()
