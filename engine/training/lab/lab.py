"""Where experiments run: their folder, whose faces, how much of everything, and the one way to train a classifier."""

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
"""Crops to learn from and their classes, crops to be asked and their classes."""
Curve = list[dict[str, float]]


@dataclass(frozen=True, eq=False)
class Outcome:
    """Of one training: the network, None if it diverged; the curve (step, loss, learnt, asked)."""

    network: keras.Model | None
    curve: Curve

    @property
    def asked(self) -> float:
        """Accuracy on what was not learnt from; of a network that diverged, 0."""
        return self.curve[-1]["asked"] if self.network is not None else 0.0

    @property
    def said(self) -> str:
        """That accuracy in words, or that there is none."""
        return percent(self.asked) if self.network is not None else "not a number"

    @property
    def learnt(self) -> float:
        """Accuracy on what was learnt from."""
        return self.curve[-1]["learnt"] if self.network is not None else 0.0


@dataclass(frozen=True)
class Lab:
    """A place to experiment in.

    Attributes:
        folder: of the experiment; runs that were interrupted go on in it.
        faces: a folder of people; drawn people if None.
        quick: only as much as shows that it runs.
    """

    folder: Path
    faces: Path | None = None
    quick: bool = False

    def much(self, full: int, quick: int) -> int:
        """Of people, photos or steps."""
        return quick if self.quick else full

    def people(self, people: int, photos: int, least: int | None = None) -> People:
        """Whose faces it is about; fewer people, but ``least`` of them, where a folder has no more."""
        return people_of(self.faces, people, photos, least)

    def train(self, name: str, trial: Trial, data: Labelled, **how: Any) -> Outcome:
        """Train the classifier of a trial, or go on with it, to its end."""
        keras.backend.clear_session()
        folder = self.folder / "runs" / name
        try:
            Classifier(folder, trial, *data, **how).run()
        except TrainingDiverged:
            return Outcome(None, _curve(folder))
        return Outcome(load_checkpoint(folder), _curve(folder))

    def plot(self, file: str, curves: dict[str, Curve], what: dict[str, str]) -> str:
        """Columns of the curves by step, one or two of them, and the words for each."""
        figure = Figure((8, 4.5), layout="constrained")
        axes = figure.subplots()
        for number, (name, curve) in enumerate(curves.items()):
            for kind, style in zip(what, ("-", ":"), strict=False):
                steps = [row["step"] for row in curve]
                said = name if len(what) == 1 else f"{name}, {what[kind]}"
                axes.plot(steps, [row[kind] for row in curve], style, color=f"C{number}", label=said)
        axes.set(xlabel="step", ylabel=next(iter(what.values())) if len(what) == 1 else "share", ylim=(0, 1.02))
        axes.legend(fontsize=8)
        axes.grid(alpha=0.3)
        figure.savefig(self.folder / file, dpi=110)
        return file


def _curve(folder: Path) -> Curve:
    file = folder / "curve.csv"
    if not file.exists():
        return []
    rows = csv.DictReader(file.read_text().splitlines())
    # A run that was killed between its curve and its checkpoint notes a step again.
    by_step = {row["step"]: {key: float(value) for key, value in row.items() if key != "stage"} for row in rows}
    return list(by_step.values())


def percent(share: float) -> str:
    """``12.3 %``."""
    return f"{100 * share:.1f} %"
