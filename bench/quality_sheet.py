"""A picture of drawn people that shows the reasons of :mod:`niteru.engine.faces.quality`.

``python -m bench.quality_sheet docs/quality.jpg`` draws a line for each reason, worse from left to right, with the
measure below each face; a frame marks the faces that get the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import cv2
import numpy as np

from bench.quality import STEPS
from niteru.engine import Pixels
from niteru.engine.drawn import draw, person
from niteru.engine.faces.contact_sheet import DOUBTFUL, contact_sheet, save_picture
from niteru.engine.faces.detector import Detector, load_detector
from niteru.engine.faces.face import Face
from niteru.engine.faces.quality import judge, measure

COLUMNS = 8
SEEN = {"too_small": "eye_distance", "too_dark": "brightness", "blurred": "blur"}
Shown = tuple[Pixels, Face, str]


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def main(out: Path) -> None:
    """Draw the sheet."""
    detector = load_detector()
    rows = [(reason, list(_worse(detector, reason))) for reason in STEPS]
    rows += [("extreme_pose", list(_turned(detector))), ("low_score", list(_hidden(detector)))]
    tiles = [_tile(image, face, reason, name, detector) for reason, row in rows for image, face, name in row]
    save_picture(out, contact_sheet(tiles, COLUMNS))


def _tile(image: Pixels, face: Face, reason: str, name: str, detector: Detector) -> tuple[Pixels, str]:
    crop = detector.crop(image, face)
    value = getattr(measure(face, crop), name)
    shown = crop.copy()
    if reason in judge(face, crop):
        cv2.rectangle(shown, (0, 0), (111, 111), DOUBTFUL, 5)
    return shown, f"{reason} {value:.3g}"


def _worse(detector: Detector, reason: str) -> Iterator[Shown]:
    """Degrade one drawn face step by step."""
    _, change, steps = STEPS[reason]
    image = draw(person(3), 0).image
    (face, *_) = detector.detect(image)
    for step in steps[:COLUMNS]:
        changed, there = change(image, face, step)
        yield changed, there, SEEN[reason]


def _turned(detector: Detector) -> Iterator[Shown]:
    """Draw faces from the front to the side."""
    seen = []
    for number in range(40):
        image = draw(person(number % 8), number).image
        for face in detector.detect(image)[:1]:
            seen.append((measure(face, detector.crop(image, face)).pose, number, image, face))
    seen.sort(key=lambda one: one[:2])
    for place in np.linspace(0, len(seen) - 1, COLUMNS).astype(int):
        yield seen[place][2], seen[place][3], "pose"


def _hidden(detector: Detector) -> Iterator[Shown]:
    """Hide one drawn face behind a rising wall, as long as it is found."""
    image = draw(person(5), 1).image
    (face, *_) = detector.detect(image)
    x, y, width, height = face.box
    for share in np.linspace(0, 0.7, COLUMNS):
        behind = image.copy()
        top = y + round(height * (1.1 - share))
        behind[top:, max(0, x - width // 2) : x + 3 * width // 2] = (96, 84, 70)
        (found, *_) = [*detector.detect(behind), Face(face.box, face.landmarks, 0.0)]
        yield behind, found, "score"


if __name__ == "__main__":
    main()
