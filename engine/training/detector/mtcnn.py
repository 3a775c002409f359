"""MTCNN, the teacher that labels photographs.

Zhang et al., "Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks", 2016; the
PyPI package ``mtcnn`` has its weights (MIT). A photo of 400 pixels takes about 150 ms on one core, and 600 MB.
"""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

# With oneDNN, TensorFlow writes a notice to standard error in every process, at any log level.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import cv2
import numpy as np
import tensorflow as tf
from mtcnn import MTCNN

from niteru.engine import Pixels
from niteru.engine.faces.face import Face
from niteru.engine.faces.landmarks_table import HEADER, row
from niteru.engine.photos.decode import decode
from niteru.engine.photos.faces_folder import LabelledPhoto
from niteru.engine.photos.photo_error import PhotoError
from niteru.engine.work.progress import progress_bar

LEAST_SCORE = 0.8
ROOM = 0.3
_POINTS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")


class Mtcnn:
    """The teacher's detector, for faces from about 20 pixels up."""

    def __init__(self) -> None:
        """Build the three networks, which takes seconds."""
        self._mtcnn = MTCNN()

    def detect(self, image: Pixels) -> list[Face]:
        """Find all faces in an upright RGB picture, uint8 (height, width, 3), the largest first."""
        faces = self._detect(image)
        if not faces:
            # MTCNN was trained on faces with surroundings; a tight crop has none, so it is given some.
            dy, dx = (round(side * ROOM) for side in image.shape[:2])
            roomy = cv2.copyMakeBorder(image, dy, dy, dx, dx, cv2.BORDER_REPLICATE)
            shift = np.array([dx, dy], np.float32)
            faces = [
                Face((f.box[0] - dx, f.box[1] - dy, *f.box[2:]), f.landmarks - shift, f.score)
                for f in self._detect(np.asarray(roomy, np.uint8))
            ]
        return sorted(faces, key=lambda face: face.box[2] * face.box[3], reverse=True)

    def _detect(self, image: Pixels) -> list[Face]:
        found = self._mtcnn.detect_faces(tf.constant(np.ascontiguousarray(image)), fit_to_image=False)
        return [_as_face(answer) for answer in found if answer["confidence"] >= LEAST_SCORE]


def write_landmarks(photos: list[LabelledPhoto], table: Path) -> None:
    """Let the teacher label photos, into a table of score, box and landmarks; an interrupted run is resumed.

    Args:
        photos: photos to label, whose absolute paths go into the table.
        table: path of a table of :mod:`niteru.engine.faces.landmarks_table`, in which a photo without faces is a row
            with nothing but its path.
    """
    done = _done(table)
    left = [path for photo in photos if str(path := photo.on_disk.resolve()) not in done]
    teacher = Mtcnn() if left else None
    with table.open("a", newline="", encoding="utf-8") as out, progress_bar("labelling", len(left), "photo") as bar:
        rows = csv.writer(out, lineterminator="\n")
        if not done:
            rows.writerow(HEADER)
        for path in left:
            try:
                faces = teacher.detect(decode(path)) if teacher else []
            except PhotoError:
                faces = []
            rows.writerows([row(str(path), face) for face in faces] or [[str(path)]])
            out.flush()
            bar.update()


def _done(table: Path) -> set[str]:
    """Paths that are in the table; a last line that a killed run left unfinished is cut off."""
    if not table.exists():
        return set()
    data = table.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if whole != data:
        table.write_bytes(whole)
    return {line[0] for line in csv.reader(io.StringIO(whole.decode("utf-8"), newline=""))}


def _as_face(answer: dict) -> Face:  # type: ignore[type-arg]
    x, y, width, height = (round(v) for v in answer["box"])
    points = np.array([answer["keypoints"][name] for name in _POINTS], np.float32)
    return Face((x, y, width, height), points, float(answer["confidence"]))
