"""From a folder of people to a model folder."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.crop_set import CropSet, prepare
from engine.embedder import Embedder, ModelInfo
from engine.evaluation import evaluate
from engine.model_folder import write_info
from engine.retrieval import BLOCK
from engine.training.embedding.card import write_card
from engine.training.embedding.export import check_export, export_weights
from engine.training.embedding.network import DIMENSION
from engine.training.embedding.recipe import Recipe
from engine.training.embedding.teacher import load_teacher
from engine.training.embedding.trainer import EmbeddingTrainer

log = logging.getLogger("niteru.training")

LEAST_PEOPLE = 20
HELD_OUT = 10
"""Every tenth person is kept from training to measure on, where no other people are given."""
FMRS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001)


class TooFewPeople(Exception):
    """Not enough to learn from."""


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
    learn = prepare(faces, crops=crops, use_landmarks=True)
    learn, measured = (learn, prepare(test, crops=crops, use_landmarks=True)) if test else _hold_out(learn)
    paired = sum(count > 1 for count in Counter(learn.people).values())
    if paired < LEAST_PEOPLE:
        raise TooFewPeople(
            f"{faces}: {paired} people with two photos or more to learn from; at least {LEAST_PEOPLE} are needed"
        )
    teacher = load_teacher(faces, learn.refs)
    log.info(
        "%d faces of %d people%s",
        len(learn.refs),
        len(set(learn.people)),
        ", with a teacher" * (teacher is not None),
    )
    EmbeddingTrainer(out / "training", recipe, learn.crops, learn.people, teacher).run()
    pairs = test / "pairs.txt" if test and (test / "pairs.txt").is_file() else None
    return _export(out, recipe, learn, measured, pairs)


def _hold_out(faces: CropSet) -> tuple[CropSet, CropSet]:
    held = set(sorted(set(faces.people))[::HELD_OUT])
    mask = np.array([person in held for person in faces.people])
    return faces.only(~mask), faces.only(mask)


def _export(out: Path, recipe: Recipe, learn: CropSet, measured: CropSet, pairs: Path | None) -> Path:
    folder = out / "model"
    export_weights(out / "training", folder)
    info = ModelInfo(
        name=out.resolve().name,
        dimension=DIMENSION,
        side=recipe.side,
        window=recipe.window,
        fingerprint="",
        licence="that of the photos it was trained on; their owner decides",
        training_data=[f"{n} photos of {s or 'people'}" for s, n in sorted(Counter(learn.sets).items())],
        calibration={},
    )
    write_info(folder, info)
    parity = check_export(out / "training", folder, measured.crops[:64])
    embedder = Embedder(folder)
    info = write_info(folder, replace(embedder.info, calibration=_calibrate(measured, embedder)))
    figures = evaluate(measured, embedder, pairs).figures
    write_card(folder, info, recipe, figures, parity)
    return folder


def _calibrate(measured: CropSet, embedder: Embedder) -> dict[str, float]:
    """Similarity of different people at each false match rate, over all pairs of unseen people."""
    vectors = embedder.embed(measured.crops)
    people = np.unique(measured.people, return_inverse=True)[1]
    impostors = []
    for start in range(0, len(vectors), BLOCK):
        similarities = vectors[start : start + BLOCK] @ vectors.T
        impostors.append(similarities[people[start : start + BLOCK, None] != people])
    reached = np.quantile(np.concatenate(impostors), [1 - fmr for fmr in FMRS])
    return {f"{fmr:g}": round(float(similarity), 4) for fmr, similarity in zip(FMRS, reached, strict=True)}
