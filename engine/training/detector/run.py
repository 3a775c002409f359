"""A whole training run of a detector, from a folder of photos to a model folder."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from niteru.engine.evaluation.crop_set import set_of
from niteru.engine.faces.detector import DetectorInfo, NetworkDetector
from niteru.engine.faces.landmarks_table import TABLE, FacesByPath, find_table, read_table
from niteru.engine.networks.model_folder import write_info
from niteru.engine.photos.faces_folder import LabelledPhoto, list_photos
from niteru.engine.training.detector.card import write_card
from niteru.engine.training.detector.export import check_export, export_weights, trained_network
from niteru.engine.training.detector.measure import compare
from niteru.engine.training.detector.pictures import load_pictures
from niteru.engine.training.detector.recipe import DetectorRecipe
from niteru.engine.training.detector.scenes import SceneBatches
from niteru.engine.training.detector.trainer import DetectorTrainer
from niteru.engine.work.user_folders import cache_folder

LEAST_SCORE = 0.55
HELD_OUT = 10
"""Every tenth person is held out to measure on, if no other photos are given."""
LICENCE = "that of the photos it was trained on"


def train(faces: Path, out: Path, recipe: DetectorRecipe, test: Path | None = None) -> Path:
    """Train, export, check, measure and describe a detector; an interrupted run is resumed.

    Args:
        faces: folder of people; without a ``landmarks.csv`` in it or beside it, MTCNN labels it first.
        out: ``out/training`` holds the run, ``out/model`` becomes the model folder.
        recipe: stages, batches and scenes.
        test: photos to measure on that are not in ``faces``; by default those of every tenth person of ``faces``.

    Returns:
        The model folder.

    Raises:
        FacesMissing: there are no labelled photos to learn from.
        TrainingDiverged: the loss became NaN or infinite.
        RunChanged: ``out`` holds a run with another recipe or on other photos.
        ExportFailed: the exported network's outputs differ from the trained one's.
    """
    training = out / "training"
    training.mkdir(parents=True, exist_ok=True)
    photos = list_photos(faces).photos
    known = _known(faces, photos, training)
    if test:
        measured = list_photos(test).photos
        known |= _known(test, measured, training)
    else:
        held = set(sorted({photo.person for photo in photos})[::HELD_OUT])
        measured = [photo for photo in photos if photo.person in held]
        photos = [photo for photo in photos if photo.person not in held]
    pictures = load_pictures(photos, known, cache_folder() / "finder-people", recipe.drawn_people)
    DetectorTrainer(training, recipe, pictures).run()
    scenes = SceneBatches(pictures, recipe)
    sets = Counter(set_of(photo.ref) or "people" for photo in photos)
    data = [f"{count} photos of {name}" for name, count in sorted(sets.items())]
    folder, difference = _export(out, scenes, [*data, f"{len(pictures.drawn)} drawn pictures"])
    detector = NetworkDetector(folder)
    figures = compare(detector, [photo for photo in measured if photo.on_disk.resolve() in known], known).figures()
    write_card(folder, detector.info, recipe, trained_network(training).count_params(), figures, difference)
    return folder


def _known(faces: Path, photos: list[LabelledPhoto], training: Path) -> FacesByPath:
    table = find_table(faces)
    if table is None:
        from niteru.engine.training.detector.mtcnn import write_landmarks

        # Beside the photos it would be taken for the user's own table.
        table = training / TABLE
        write_landmarks(photos, table)
    return read_table(table)


def _export(out: Path, scenes: SceneBatches, data: list[str]) -> tuple[Path, float]:
    training, folder = out / "training", out / "model"
    export_weights(training, folder)
    pixels, _ = scenes.batch(0)
    difference = check_export(training, folder, pixels[:8].astype(np.uint8))
    write_info(folder, DetectorInfo(out.resolve().name, "", LICENCE, data, LEAST_SCORE))
    return folder, difference
