"""Decoys: what the network takes for a face, which is shown to it again in scenes for the second pass."""

from __future__ import annotations

import csv
import logging
from pathlib import Path

import numpy as np

from niteru.engine.faces.alignment import Landmarks
from niteru.engine.faces.detections import overlap
from niteru.engine.faces.detector import DetectorInfo, NetworkDetector
from niteru.engine.faces.face import Face
from niteru.engine.faces.landmarks_table import HEADER, read_table, row
from niteru.engine.networks.model_folder import write_info
from niteru.engine.training.detector.export import export_weights
from niteru.engine.training.detector.pictures import LabelledPicture
from niteru.engine.work.progress import progress_bar
from niteru.engine.work.write_atomically import write_atomically

log = logging.getLogger("niteru.training")

LEAST_SCORE = 0.25
APART = 0.1
"""Overlap with a labelled face, sure or not, up to which a detection is a mistake."""
Decoy = tuple[LabelledPicture, Landmarks]
"""A picture with its labelled faces, and the landmarks of what is mistaken for one."""


def find_decoys(training: Path, photos: list[LabelledPicture]) -> list[Decoy]:
    """Find the mistakes that the network in a training folder makes on the photos it learns from.

    They are kept in the folder's ``decoys.csv``, so that an interrupted run resumes with the same ones.
    """
    table = training / "decoys.csv"
    if not table.exists():
        _write(table, _network_so_far(training), photos)
    found = read_table(table)
    decoys = [(photo, face.landmarks) for photo in photos for face in found.get(photo.path.resolve(), [])]
    log.info("%d decoys in %d photos", len(decoys), len(photos))
    return decoys


def _network_so_far(training: Path) -> NetworkDetector:
    folder = training / "so-far"
    export_weights(training, folder)
    write_info(folder, DetectorInfo("so-far", "", "", [], LEAST_SCORE))
    return NetworkDetector(folder)


def _write(table: Path, detector: NetworkDetector, photos: list[LabelledPicture]) -> None:
    with (
        write_atomically(table) as aside,
        aside.open("w", newline="", encoding="utf-8") as out,
        progress_bar("decoys", len(photos), "photo") as bar,
    ):
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(HEADER)
        for photo in photos:
            mistakes = [face for face in detector.detect(photo.pixels()) if _is_mistake(face, photo)]
            rows.writerows(row(str(photo.path.resolve()), face) for face in mistakes)
            bar.update()


def _is_mistake(face: Face, photo: LabelledPicture) -> bool:
    known = np.stack([labelled.box for labelled in photo.faces])
    return bool(overlap(np.array(face.box, np.float32), known).max() <= APART)
