"""Thresholds of quality, from which a face is too small, dark, blurred, turned or doubtful to be recognised.

``python -m bench.quality FACES``: the labelled faces of FACES are the gallery; each is looked up again made smaller,
darker or more blurred, or as it is and sorted by pose and score. The JSON on standard output has for each step the
median of the measure in :mod:`niteru.engine.faces.quality`, and the share of faces whose nearest other photo is of
their own person, relative to the unchanged faces.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np

from niteru.engine import Pixels
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.faces.detector import load_detector
from niteru.engine.faces.face import Face
from niteru.engine.faces.quality import Measures, measure
from niteru.engine.photos.decode import decode
from niteru.engine.photos.faces_folder import list_photos
from niteru.engine.photos.photo_error import PhotoError
from niteru.engine.work.progress import progress_bar

Made = Callable[[Pixels, Face, float], tuple[Pixels, Face]]


def _smaller(image: Pixels, face: Face, eyes: float) -> tuple[Pixels, Face]:
    """Shrink a picture until the eyes are this many pixels apart."""
    scale = eyes / float(np.hypot(*(face.landmarks[1] - face.landmarks[0])))
    if scale >= 1:
        return image, face
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), Face(face.box, face.landmarks * np.float32(scale), face.score)


def _darker(image: Pixels, face: Face, light: float) -> tuple[Pixels, Face]:
    """Darken a picture to this share of its light, in whole steps of brightness like a dark photo."""
    return (image * light).astype(np.uint8), face


def _blurred(image: Pixels, face: Face, sigma: float) -> tuple[Pixels, Face]:
    """Blur a picture by a share of the eye distance."""
    spread = sigma * float(np.hypot(*(face.landmarks[1] - face.landmarks[0])))
    return np.asarray(cv2.GaussianBlur(image, (0, 0), max(spread, 0.1)), np.uint8), face


STEPS: dict[str, tuple[str, Made, tuple[float, ...]]] = {
    "too_small": ("eye_distance", _smaller, (24, 20, 16, 14, 12, 10, 8, 7, 6, 5)),
    "too_dark": ("brightness", _darker, (0.5, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05, 0.03)),
    "blurred": ("blur", _blurred, (0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25)),
}
NATURAL = {"extreme_pose": "pose", "low_score": "score"}
BINS = 10


class _Gallery:
    """Faces of labelled photos, which are looked up again after a change."""

    def __init__(self, faces: Path) -> None:
        self.detector, self.embedder = load_detector(), Embedder()
        self.images: list[Pixels] = []
        self.found: list[Face] = []
        people = []
        photos = list_photos(faces).photos
        with progress_bar("finding", len(photos), "photo") as bar:
            for photo in photos:
                bar.update()
                try:
                    image = decode(photo.path)
                except PhotoError:
                    continue
                if found := self.detector.detect(image):
                    self.images.append(image)
                    self.found.append(found[0])
                    people.append(photo.person)
        self.people = np.array(people)
        self.vectors, self.measures = self.made(lambda image, face, _: (image, face), 0)

    def made(self, change: Made, step: float) -> tuple[np.ndarray, list[Measures]]:
        """Change all faces; returns their vectors and measures."""
        crops, measures = [], []
        for image, face in zip(self.images, self.found, strict=True):
            changed, there = change(image, face, step)
            crops.append(self.detector.crop(changed, there))
            measures.append(measure(there, crops[-1]))
        return self.embedder.embed(np.stack(crops)), measures

    def recognised(self, asked: np.ndarray) -> np.ndarray:
        """Tell for each changed face whether the nearest other photo is of the same person."""
        similarity = asked @ self.vectors.T
        np.fill_diagonal(similarity, -2)
        return np.asarray(self.people[similarity.argmax(axis=1)] == self.people)


@click.command()
@click.argument("faces", type=click.Path(exists=True, path_type=Path))
def main(faces: Path) -> None:
    """Measure on FACES, which must have several photographs of each person."""
    gallery = _Gallery(faces)
    plain = gallery.recognised(gallery.vectors)
    results: dict[str, Any] = {"faces": len(plain), "recall_at_1": round(float(plain.mean()), 4)}
    for reason, (name, change, steps) in STEPS.items():
        results[reason] = [_step(gallery, name, change, step, float(plain.mean())) for step in steps]
    for reason, name in NATURAL.items():
        results[reason] = _bins(np.array([getattr(seen, name) for seen in gallery.measures]), plain)
    json.dump(results, sys.stdout, indent=1)
    sys.stdout.write("\n")


def _step(gallery: _Gallery, name: str, change: Made, step: float, plain: float) -> dict[str, float]:
    vectors, measures = gallery.made(change, step)
    recall = float(gallery.recognised(vectors).mean())
    median = float(np.median([getattr(seen, name) for seen in measures]))
    return {"step": step, name: round(median, 4), "recall": round(recall, 4), "of_plain": round(recall / plain, 3)}


def _bins(values: np.ndarray, right: np.ndarray) -> list[dict[str, float]]:
    """Recall by tenths of the faces, and by hundredths at both ends."""
    edges = np.quantile(values, [0, 0.01, 0.03, *np.linspace(0.1, 0.9, BINS - 1), 0.97, 0.99, 1])
    rows = []
    for low, high in itertools.pairwise(edges):
        inside = (values >= low) & (values <= high)
        rows.append({"from": round(float(low), 4), "to": round(float(high), 4), "faces": int(inside.sum())})
        rows[-1]["recall"] = round(float(right[inside].mean()), 4)
    return rows


if __name__ == "__main__":
    main()
