"""Fitting of a model to the user's people, with a cross-validated answer to whether that helped.

Two questions need two kinds of folds. *Does it find my own people better?* Folds of photos: each held-out photo is
looked up among the others. *Is it still good at people it has not seen?* Folds of people: held-out people are compared.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.embedding.embedder import ModelInfo
from niteru.engine.evaluation.all_pairs import compared
from niteru.engine.evaluation.crop_set import CropSet, prepare
from niteru.engine.evaluation.model_calibration import quantiles
from niteru.engine.evaluation.verification import auc, curve_of, roc_curve, tar_at_far
from niteru.engine.networks.model_folder import read_info
from niteru.engine.training.embedding.card import write_fitted_card
from niteru.engine.training.embedding.export import export_model
from niteru.engine.training.embedding.gain import Gain, Report, choose
from niteru.engine.training.embedding.network import hold_norms, retyped
from niteru.engine.training.embedding.people import check_people
from niteru.engine.training.embedding.tuning import Tuning, between, mix, tune, vectors_of
from niteru.engine.training.embedding.unfolding import unfolded
from niteru.engine.training.export import ExportFailed
from niteru.engine.training.precision import fastest_policy
from niteru.engine.work.progress import progress_bar
from niteru.engine.work.write_atomically import written_aside

LEAST_PEOPLE, LEAST_PHOTOS = 10, 4
FOLDS = 3
_SAME = 1e-9
SHARES = (0.25, 0.5, 0.75, 1.0)
"""Shares of the way from the base's weights to the tuned ones that are tried."""


def fit(faces: Path, out: Path, base: Path, *, crops: bool = False, tuning: Tuning | None = None) -> Report:
    """Cross-validate, tune on everything, and write ``out/model`` and ``out/report.json``.

    Args:
        faces: folder of labelled people.
        out: folder for the new model and the report.
        base: folder of the model to start from.
        crops: whether the pictures are face crops already.
        tuning: length and rate of the tuning.

    Raises:
        TooFewPeople: fewer than 10 people have four usable photos.
        ModelUnusable: ``base`` is not one of niteru's own networks.
        ExportFailed: ``out`` holds another run, or the exported network does not give the tuned one's vectors.
    """
    tuning = tuning or Tuning()
    if (out / "training").exists():
        raise ExportFailed(f"{out} holds a run of niteru train; choose another folder: --out FOLDER")
    learn = prepare(faces, crops=crops)
    check_people(faces, learn.people, LEAST_PEOPLE, LEAST_PHOTOS)
    info = read_info(base, ModelInfo)
    run = _Run(learn, unfolded(base), info, tuning)
    with progress_bar("fitting", tuning.steps * (2 * FOLDS + 1), "batch") as bar:
        gains = run.cross_validated(bar)
        chosen = choose(gains)
        tuned = run.tuned(np.ones(len(learn.refs), bool), bar)
    mixed = out / "tuning"
    mixed.mkdir(parents=True, exist_ok=True)
    between(run.base, tuned, chosen).save(mixed / "checkpoint.keras")
    calibration, genuine = run.calibration(chosen)
    data = [*info.training_data, f"{len(learn.refs)} photos of {len(set(learn.people))} people of the user's own"]
    info = replace(info, name=out.resolve().name, training_data=data, calibration=calibration, genuine=genuine)
    with written_aside(out / "model") as folder:
        info, _ = export_model(mixed, folder, info, learn.crops[:64])
        report = Report(info.id, len(set(learn.people)), len(learn.refs), gains, chosen)
        write_fitted_card(folder, info, report)
    shutil.rmtree(mixed)
    (out / "report.json").write_text(json.dumps(asdict(report), indent=2) + "\n", encoding="utf-8")
    return report


class _Run:
    """The folds of one fit and their figures."""

    def __init__(self, learn: CropSet, base: keras.Model, info: ModelInfo, tuning: Tuning) -> None:
        self.crops, self.base, self.tuning, self.window = np.asarray(learn.crops[:]), base, tuning, info.window
        self.people = np.unique(learn.people, return_inverse=True)[1].astype(np.int64)
        self.mixed = between(base, base, 0.0)
        self._compared: dict[float, list[tuple[NDArray[np.float32], NDArray[np.float32]]]] = {}

    def tuned(self, rows: NDArray[np.bool_], bar: object) -> keras.Model:
        """Train a copy of the base on some rows."""
        network = retyped(self.base, fastest_policy())
        hold_norms(network)
        labels = np.unique(self.people[rows], return_inverse=True)[1].astype(np.int64)
        tune(network, self.crops[rows], labels, self.tuning, self.window, bar)
        return network

    def cross_validated(self, bar: object) -> list[Gain]:
        """Compute the figures at every share, over the folds of photos and of people."""
        found: dict[float, list[NDArray[np.float64]]] = {share: [] for share in (0.0, *SHARES)}
        for test in self._photo_folds():
            for share, vectors in self._at_each_share(~test, bar):
                found[share].append(self._looked_up(vectors, test))
        self._compared = {share: [] for share in found}
        for test in self._people_folds():
            for share, vectors in self._at_each_share(~test, bar):
                self._compared[share].append(compared(vectors[test], self.people[test]))
        before = np.concatenate(found[0.0])
        return [self._gain(share, np.concatenate(photos), before) for share, photos in found.items()]

    def calibration(self, share: float) -> tuple[dict[str, float], dict[str, float]]:
        """Calibrate the weights at one share, on people that they had not seen."""
        impostors, genuine = (np.concatenate(part) for part in zip(*self._compared[share], strict=True))
        return quantiles(impostors, genuine)

    def _looked_up(self, vectors: Vectors, test: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Look up each held-out photo: whether its nearest other photo is right, and the photo's own AUC, (n, 2)."""
        similarity = vectors[test] @ vectors[~test].T
        same = self.people[test][:, None] == self.people[~test]
        right = same[np.arange(len(same)), similarity.argmax(axis=1)]
        own = [auc(roc_curve(row, truth)) for row, truth in zip(similarity, same, strict=True)]
        return np.stack([right, own], axis=1)

    def _gain(self, share: float, photos: NDArray[np.float64], before: NDArray[np.float64]) -> Gain:
        curves = [curve_of(impostors, genuine) for impostors, genuine in self._compared[share]]
        areas, rates = [auc(curve) for curve in curves], [tar_at_far(curve, 1e-2) for curve in curves]
        moved = photos[:, 1] - before[:, 1]
        won, lost = int((moved > _SAME).sum()), int((moved < -_SAME).sum())
        recall, own, area, rate = (
            round(float(np.mean(part)), 4) for part in (photos[:, 0], photos[:, 1], areas, rates)
        )
        return Gain(share, recall, own, area, rate, won, lost)

    def _at_each_share(self, rows: NDArray[np.bool_], bar: object) -> Iterator[tuple[float, Vectors]]:
        tuned = self.tuned(rows, bar)
        for share in (0.0, *SHARES):
            mix(self.mixed, self.base, tuned, share)
            yield share, vectors_of(self.mixed, self.crops, self.window)

    def _photo_folds(self) -> Iterator[NDArray[np.bool_]]:
        """Yield a third of each person's photos at a time; photos of people who have too few are never held out."""
        place = np.zeros(len(self.people), int)
        for person in np.unique(self.people):
            rows = np.flatnonzero(self.people == person)
            place[rows] = np.arange(len(rows)) % FOLDS if len(rows) >= FOLDS else -1
        yield from (place == fold for fold in range(FOLDS))

    def _people_folds(self) -> Iterator[NDArray[np.bool_]]:
        yield from (self.people % FOLDS == fold for fold in range(FOLDS))
