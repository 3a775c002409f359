"""Limits of the detector: drawn people, turned photos, the gain from batches, and the stability of MTCNN itself.

``python -m bench.detector_limits FACES`` prints JSON; times are those of one thread.
"""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from time import perf_counter

import click
import cv2
import numpy as np

from niteru.engine import Pixels
from niteru.engine.drawn import draw, person
from niteru.engine.faces.alignment import Landmarks
from niteru.engine.faces.detector import DEFAULT_DETECTOR, Detector, NetworkDetector
from niteru.engine.faces.face import Face
from niteru.engine.networks.litert import Network
from niteru.engine.networks.model_folder import MODELS, WEIGHTS
from niteru.engine.photos.decode import decode
from niteru.engine.photos.faces_folder import list_photos
from niteru.engine.work.progress import progress_bar

SAME_FACE = 0.5
"""Mean landmark error in eye distances up to which a detection is the face in question."""


@click.command()
@click.argument("faces", type=click.Path(exists=True, path_type=Path))
def main(faces: Path) -> None:
    """Measure on drawn people and on photographs of FACES."""
    images = [decode(photo.path) for photo in list_photos(faces).photos[::8]]
    detector = NetworkDetector()
    results = {
        "drawn": _drawn(detector),
        "turned": _turned(detector, images),
        "milliseconds_a_picture_by_batch": _batches(),
        "mtcnn_shifted": _mtcnn_shifted(images[:40]),
    }
    json.dump(results, sys.stdout, indent=1)
    sys.stdout.write("\n")


def _drawn(detector: Detector) -> dict[str, int]:
    """Count the faces found in drawn pictures that no training and no test uses."""
    found = 0
    with progress_bar("drawn", 480, "picture") as bar:
        for number in range(480):
            drawing = draw(person(number // 8), 20 + number % 8)
            faces = detector.detect(drawing.image)
            found += bool(faces) and _error(faces[0].landmarks, drawing.landmarks) <= SAME_FACE
            bar.update()
    return {"pictures": 480, "found": found}


def _turned(detector: Detector, images: list[Pixels]) -> dict[str, int]:
    """Count the photos of one face in which it is not found first once they are turned."""
    asked = wrong = 0
    for image in images:
        upright = detector.detect(image)
        for turn in (1, 2, 3) if len(upright) == 1 else ():
            asked += 1
            known = _quarter_turns(upright[0], image.shape[1], image.shape[0], turn)
            faces = detector.detect(np.ascontiguousarray(np.rot90(image, turn)))
            wrong += not faces or _error(faces[0].landmarks, known) > SAME_FACE
    return {"asked": asked, "wrong_or_none": wrong}


def _quarter_turns(face: Face, width: int, height: int, turns: int) -> Landmarks:
    points = face.landmarks
    for _ in range(turns):
        points = np.stack([points[:, 1], width - points[:, 0]], axis=1)
        width, height = height, width
    return points


def _batches() -> dict[int, float]:
    """Median milliseconds of a picture by the size of its batch, on one core."""
    network, medians = Network(MODELS / DEFAULT_DETECTOR / WEIGHTS), {}
    for size in (1, 4, 16):
        batch = np.random.default_rng(size).uniform(0, 255, (size, 416, 320, 3)).astype(np.float32)
        network(batch)
        times = []
        for _ in range(12):
            start = perf_counter()
            network(batch)
            times.append((perf_counter() - start) * 1000 / size)
        medians[size] = round(statistics.median(times), 2)
    return medians


def _mtcnn_shifted(images: list[Pixels]) -> dict[str, float]:
    """Movement of MTCNN's landmarks, in eye distances, when a photo is shifted by seven and five pixels."""
    from niteru.engine.training.detector.mtcnn import Mtcnn

    teacher, errors = Mtcnn(), []
    for image in images:
        shifted = cv2.copyMakeBorder(image, 5, 0, 7, 0, cv2.BORDER_REPLICATE)
        before, after = teacher.detect(image), teacher.detect(np.asarray(shifted, np.uint8))
        if before and after:
            errors.append(_error(after[0].landmarks - np.array([7, 5], np.float32), before[0].landmarks))
    return {"mean": round(float(np.mean(errors)), 4), "median": round(float(np.median(errors)), 4)}


def _error(found: Landmarks, known: Landmarks) -> float:
    apart = float(np.hypot(*(known[1] - known[0])))
    return float(np.linalg.norm(found - known, axis=1).mean()) / apart


if __name__ == "__main__":
    main()
