"""A whole training run, from a folder of people to a model folder."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from niteru.engine.embedding.embedder import Embedder, ModelInfo
from niteru.engine.evaluation.crop_set import CropSet, prepare, set_of
from niteru.engine.evaluation.evaluate import evaluate
from niteru.engine.evaluation.groups import group_of, measure_groups, thresholds
from niteru.engine.evaluation.model_calibration import measure
from niteru.engine.evaluation.photo_spread import photo_spread
from niteru.engine.networks.model_folder import read_info, write_info
from niteru.engine.training.embedding.card import Figures, write_card
from niteru.engine.training.embedding.cleaning import clean
from niteru.engine.training.embedding.cleaning_sheet import draw_changes
from niteru.engine.training.embedding.export import export_model
from niteru.engine.training.embedding.mobilefacenet import started_from
from niteru.engine.training.embedding.network import DIMENSION
from niteru.engine.training.embedding.people import check_people
from niteru.engine.training.embedding.recipe import Recipe
from niteru.engine.training.embedding.teacher import load_teacher, models_of
from niteru.engine.training.embedding.trainer import EmbeddingTrainer
from niteru.engine.work.write_atomically import written_aside

log = logging.getLogger("niteru.training")

LEAST_PEOPLE, LEAST_MEASURED = 20, 2
HELD_OUT = 10
"""Every tenth person is held out to measure on, if no other people are given."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that a model is made from.

    Attributes:
        faces: folder of labelled people.
        strangers: folder in which every picture shows a different person, to learn from as well.
        test: people to measure on who are not in ``faces``; by default every tenth person of ``faces``.
        groups: strangers to measure on, one folder for each group, see :mod:`niteru.engine.evaluation.groups`.
        teacher: folder of vectors that ``niteru teach`` wrote.
        start: folder of a model whose network is a MobileFaceNet, to start from.
        crops: whether the pictures are face crops already.
    """

    faces: Path
    strangers: Path | None = None
    test: Path | None = None
    groups: Path | None = None
    teacher: Path | None = None
    start: Path | None = None
    crops: bool = False


def train(sources: Sources, out: Path, recipe: Recipe) -> Path:
    """Train, export, check, calibrate and describe a model; an interrupted run is resumed.

    Args:
        sources: what to learn from and to measure on.
        out: ``out/training`` holds the run, ``out/model`` becomes the model folder.
        recipe: stages, losses and batches.

    Returns:
        The model folder.

    Raises:
        TooFewPeople: fewer than 20 people have two photos.
        ModelUnusable: ``sources.start`` is not a model, or not a MobileFaceNet.
        TeacherUnusable: the teacher's vectors are missing, or are those of other crops.
        TrainingDiverged: the loss became NaN or infinite.
        RunChanged: ``out`` holds a run with another recipe or on other photos.
        ExportFailed: the exported network does not give the trained one's vectors.
    """
    learn, measured = _people(sources)
    start = None if sources.start is None else started_from(sources.start)
    if sources.strangers is not None:
        learn = learn.and_those_of(prepare(sources.strangers, crops=sources.crops, strangers=True))
    teacher = None if sources.teacher is None else load_teacher(sources.teacher, learn.crops, DIMENSION)
    log.info("%d faces of %d people to learn from", len(learn.refs), len(set(learn.people)))
    labels = cleaned_labels(out, learn, teacher)
    EmbeddingTrainer(out / "training", recipe, learn.crops, labels, teacher, start).run()
    return _export(out, recipe, _origins(sources, learn), sources, measured)


def cleaned_labels(out: Path, learn: CropSet, teacher: NDArray[np.float32] | None) -> NDArray[np.int64]:
    """Clean the labels for training, and write sheets of the changes for people to look at.

    Args:
        out: folder for the sheets.
        learn: the faces; strangers among them have names of their own.
        teacher: the teacher's vectors of all faces; without them those of niteru's own model decide who is alike.

    Returns:
        int64 (faces,), from 0; -1 for photos that are left out.
    """
    cleaned = clean(learn.people, Embedder().embed(learn.crops) if teacher is None else teacher)
    log.info("%d pairs of names are one person; %d photos unlike their person's others left out", *cleaned.counts)
    if any(cleaned.counts):
        log.info("contact sheets of these changes: %s", draw_changes(learn, cleaned, out / "labels"))
    return cleaned.labels


def _people(sources: Sources) -> tuple[CropSet, CropSet]:
    """The people to learn from, and the people to measure on."""
    known = prepare(sources.faces, crops=sources.crops)
    test = sources.test
    known, measured = (known, prepare(test, crops=sources.crops)) if test else _hold_out(known)
    check_people(sources.faces, known.people, LEAST_PEOPLE, 2)
    check_people(test or sources.faces, measured.people, LEAST_MEASURED, 2)
    return known, measured


def _origins(sources: Sources, learn: CropSet) -> list[str]:
    """The networks and photos that the model learnt from, for its card."""
    networks = []
    if sources.start is not None:
        info = read_info(sources.start, ModelInfo)
        networks.append(f"started from {info.name} ({info.licence}): {'; '.join(info.training_data)}")
    if sources.teacher is not None:
        networks += [f"taught by the vectors of {name}" for name in models_of(sources.teacher)]
    # A stranger's name is the path of the picture.
    sets = [
        group_of(ref) if ref == person else set_of(ref) for ref, person in zip(learn.refs, learn.people, strict=True)
    ]
    return networks + [f"{n} photos of {name or 'people'}" for name, n in sorted(Counter(sets).items())]


def _hold_out(faces: CropSet) -> tuple[CropSet, CropSet]:
    held = set(sorted(set(faces.people))[::HELD_OUT])
    mask = np.array([person in held for person in faces.people])
    return faces.only(~mask), faces.only(mask)


def _export(out: Path, recipe: Recipe, origins: list[str], sources: Sources, measured: CropSet) -> Path:
    info = ModelInfo(
        name=out.resolve().name,
        dimension=DIMENSION,
        side=recipe.side,
        window=recipe.window,
        fingerprint="",
        licence="that of the photos it was trained on",
        training_data=origins,
        colour="rgb",
        values=[0.0, 255.0],
        calibration={},
        genuine={},
    )
    strangers = None if sources.groups is None else prepare(sources.groups, crops=sources.crops, strangers=True)
    with written_aside(out / "model") as folder:
        info, parity = export_model(out / "training", folder, info, measured.crops[:64])
        embedder = Embedder(folder)
        calibration, genuine = measure(embedder, measured, strangers)
        spread = photo_spread(embedder, measured)
        info = write_info(folder, replace(info, calibration=calibration, genuine=genuine, spread=spread))
        write_card(folder, info, recipe, _figures(sources, measured, strangers, embedder), parity)
    return out / "model"


def _figures(sources: Sources, measured: CropSet, strangers: CropSet | None, embedder: Embedder) -> Figures:
    """Figures of the exported network for its card."""
    test, vectors = sources.test, embedder.embed(measured.crops)
    pairs = test / "pairs.txt" if test and (test / "pairs.txt").is_file() else None
    groups = []
    if strangers is not None:
        at = thresholds(vectors, measured.people)
        groups = measure_groups(strangers, embedder.embed(strangers.crops), at)
    return Figures(evaluate(measured, vectors, pairs).figures, groups)
