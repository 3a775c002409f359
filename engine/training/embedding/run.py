"""From a folder of people to a model folder."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.crop_set import CropSet, prepare
from engine.embedder import Embedder, ModelInfo
from engine.evaluation import evaluate
from engine.model_calibration import measure
from engine.model_folder import write_info
from engine.training.embedding.card import write_card
from engine.training.embedding.cleaning import clean
from engine.training.embedding.cleaning_sheet import draw_changes
from engine.training.embedding.export import export_model
from engine.training.embedding.inherited import INHERITED
from engine.training.embedding.network import DIMENSION
from engine.training.embedding.people import check_people
from engine.training.embedding.recipe import Recipe
from engine.training.embedding.teacher import load_teacher
from engine.training.embedding.trainer import EmbeddingTrainer
from engine.training.export import written_aside

log = logging.getLogger("niteru.training")

LEAST_PEOPLE, LEAST_MEASURED = 20, 2
HELD_OUT = 10
"""Every tenth person is kept from training to measure on, where no other people are given."""


def train(faces: Path, out: Path, recipe: Recipe, test: Path | None = None, crops: bool = False) -> Path:
    """Train, export, check, calibrate and describe a model; goes on where an interrupted run stopped.

    Args:
        faces: folder of labelled people.
        out: ``out/training`` holds the run, ``out/model`` becomes the model folder.
        recipe: what to do.
        test: people to measure on who are not in ``faces``; every tenth person of ``faces`` without it.
        crops: pictures are face crops already.

    Returns:
        The model folder.

    Raises:
        TooFewPeople: fewer than 20 people with two photos.
        TrainingDiverged, RunChanged, ExportFailed: as their modules say.
    """
    learn = prepare(faces, crops=crops)
    learn, measured = (learn, prepare(test, crops=crops)) if test else _hold_out(learn)
    check_people(faces, learn.people, LEAST_PEOPLE, 2)
    check_people(test or faces, measured.people, LEAST_MEASURED, 2)
    teacher = load_teacher(faces, learn.refs)
    log.info(
        "%d faces of %d people%s",
        len(learn.refs),
        len(set(learn.people)),
        ", with a teacher" * (teacher is not None),
    )
    labels = cleaned_labels(out, learn, teacher)
    EmbeddingTrainer(out / "training", recipe, learn.crops, labels, teacher).run()
    pairs = test / "pairs.txt" if test and (test / "pairs.txt").is_file() else None
    return _export(out, recipe, learn, measured, pairs)


def cleaned_labels(out: Path, learn: CropSet, teacher: NDArray[np.float32] | None) -> NDArray[np.int64]:
    """Labels for training, and pictures of what was changed, to be looked at."""
    known = [Embedder().embed(learn.crops), *([] if teacher is None else [teacher])]
    joined = np.concatenate(known, axis=1)
    cleaned = clean(learn.people, joined / np.linalg.norm(joined, axis=1, keepdims=True))
    log.info("%d pairs of names are one person; %d photos unlike their person's others left out", *cleaned.counts)
    if any(cleaned.counts):
        log.info("look at them: %s", draw_changes(learn, cleaned, out / "labels"))
    return cleaned.labels


def _hold_out(faces: CropSet) -> tuple[CropSet, CropSet]:
    held = set(sorted(set(faces.people))[::HELD_OUT])
    mask = np.array([person in held for person in faces.people])
    return faces.only(~mask), faces.only(mask)


def _export(out: Path, recipe: Recipe, learn: CropSet, measured: CropSet, pairs: Path | None) -> Path:
    data = [f"{n} photos of {s or 'people'}" for s, n in sorted(Counter(learn.sets).items())]
    info = ModelInfo(
        name=out.resolve().name,
        dimension=DIMENSION,
        side=recipe.side,
        window=recipe.window,
        fingerprint="",
        licence="that of the photos it was trained on; their owner decides",
        training_data=[INHERITED, *data] if recipe.inherited else data,
        colour="rgb",
        values=[0.0, 255.0],
        calibration={},
        genuine={},
    )
    with written_aside(out / "model") as folder:
        info, parity = export_model(out / "training", folder, info, measured.crops[:64])
        embedder = Embedder(folder)
        calibration, genuine = measure(embedder, measured)
        info = write_info(folder, replace(info, calibration=calibration, genuine=genuine))
        figures = evaluate(measured, embedder.embed(measured.crops), pairs).figures
        write_card(folder, info, recipe, figures, parity)
    return out / "model"
