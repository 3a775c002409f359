"""The setting of an experiment: its folder, its people, the size of the run, and the training of classifiers."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from niteru.engine import Pixels
from niteru.engine.training.lab.classifier import Classifier
from niteru.engine.training.lab.people import People, people_of
from niteru.engine.training.lab.trial import Trial
from niteru.engine.training.loop import TrainingDiverged, load_checkpoint

Labelled = tuple[Pixels, NDArray[np.int64], Pixels, NDArray[np.int64]]
"""Crops to learn from and their classes, then crops to measure on and their classes."""
Curve = list[dict[str, float]]


@dataclass(frozen=True, eq=False)
class Outcome:
    """Outcome of a training: the network, or None if it diverged, and the curve (step, loss, learnt, asked)."""

    network: keras.Model | None
    curve: Curve

    @property
    def accuracy(self) -> float:
        """Accuracy on test photos; 0 if the network diverged."""
        return self.curve[-1]["asked"] if self.network is not None else 0.0

    @property
    def accuracy_text(self) -> str:
        """That accuracy as text, or "not a number" if the network diverged."""
        return percent(self.accuracy) if self.network is not None else "not a number"

    @property
    def training_accuracy(self) -> float:
        """Accuracy on training photos; 0 if the network diverged."""
        return self.curve[-1]["learnt"] if self.network is not None else 0.0


@dataclass(frozen=True)
class Lab:
    """The setting in which an experiment runs.

    Attributes:
        folder: folder of the experiment, in which interrupted runs are resumed.
        faces: folder of people; None for drawn people.
        quick: whether to run only as much as shows that it works.
    """

    folder: Path
    faces: Path | None = None
    quick: bool = False

    def amount(self, full: int, quick: int) -> int:
        """Choose a number of people, photos or steps for a full or a quick run."""
        return quick if self.quick else full

    def people(self, people: int, photos: int, least: int | None = None) -> People:
        """Load people for the experiment: fewer, but at least ``least`` of them, if the folder has no more."""
        return people_of(self.faces, people, photos, least)

    def train(self, name: str, trial: Trial, data: Labelled, **options: Any) -> Outcome:
        """Train the classifier of a trial to its end, or resume it, with options of :class:`Classifier`."""
        keras.backend.clear_session()
        folder = self.folder / "runs" / name
        try:
            Classifier(folder, trial, *data, **options).run()
        except TrainingDiverged:
            return Outcome(None, _curve(folder))
        return Outcome(load_checkpoint(folder), _curve(folder))

    def plot(self, file: str, curves: dict[str, Curve], columns: dict[str, str]) -> str:
        """Plot one or two columns of the curves by step; ``columns`` gives the label of each."""
        figure = Figure((8, 4.5), layout="constrained")
        axes = figure.subplots()
        for number, (name, curve) in enumerate(curves.items()):
            for column, style in zip(columns, ("-", ":"), strict=False):
                steps = [row["step"] for row in curve]
                label = name if len(columns) == 1 else f"{name}, {columns[column]}"
                axes.plot(steps, [row[column] for row in curve], style, color=f"C{number}", label=label)
        axes.set(xlabel="step", ylabel=next(iter(columns.values())) if len(columns) == 1 else "share", ylim=(0, 1.02))
        axes.legend(fontsize=8)
        axes.grid(alpha=0.3)
        figure.savefig(self.folder / file, dpi=110)
        return file


def _curve(folder: Path) -> Curve:
    file = folder / "curve.csv"
    if not file.exists():
        return []
    rows = csv.DictReader(file.read_text().splitlines())
    # A run that was killed after writing the curve and before the checkpoint repeats a step.
    by_step = {row["step"]: {key: float(value) for key, value in row.items() if key != "stage"} for row in rows}
    return list(by_step.values())


def percent(share: float) -> str:
    """Write a share as a percentage with one decimal.

    Example:
        >>> percent(0.1234)
        '12.3 %'
    """
    return f"{100 * share:.1f} %"
