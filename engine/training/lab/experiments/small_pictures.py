"""Experiment: accuracy on grey pictures and on smaller ones."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import cv2
import numpy as np

from niteru.engine import Pixels
from niteru.engine.training.lab.classifier import Classifier
from niteru.engine.training.lab.experiments.few_shot import nearest_centroid
from niteru.engine.training.lab.experiments.forty_idols import CASE, folded, photos_there
from niteru.engine.training.lab.findings import Findings, Table
from niteru.engine.training.lab.lab import Lab, percent

SIDES = (96, 80, 64, 48, 32)
STEPS = 600


def run(lab: Lab, findings: Findings) -> None:
    """Train the forty idols' network at each size, in colour and in grey, and embed pictures of the same sizes."""
    people = photos_there(lab)
    data = folded(people, 0)
    rows = []
    steps = lab.amount(STEPS, 15)
    findings.data = f"{people}, a sixth for testing; {steps} steps."
    for grey in (False, True):
        for side in (SIDES[0], SIDES[-1])[lab.amount(0, 1) :] if grey or lab.quick else SIDES:
            trial = replace(CASE, side=side, shift=16, grey=grey, steps=steps)
            name = f"{side} {'grey' if grey else 'colour'}"
            outcome = lab.train(name, trial, data)
            step = core_seconds_a_step(Classifier(lab.folder / "clock" / name, trial, *data))
            mine = nearest_centroid(tuple(reduced(part, side, grey) if part.ndim == 4 else part for part in data))  # type: ignore[arg-type]
            rows.append(
                [
                    f"{side}×{side}",
                    "grey" if grey else "colour",
                    outcome.accuracy_text,
                    f"{1000 * step:.0f} core-ms",
                    percent(mine),
                ]
            )
    columns = ["pictures", "", "classifier's accuracy", "step of 32 pictures", "niteru's accuracy"]
    findings.tables.append(Table("By size", columns, rows))


def core_seconds_a_step(trainer: Classifier, steps: int = 10) -> float:
    """Median processor time of some steps outside the run, which other work on the machine does not change."""
    model = trainer.compiled(0, None)
    spent = []
    for number in range(steps):
        pictures, labels = trainer.batch(number)
        start = process_time()
        model.train_on_batch(pictures, labels)
        spent.append(process_time() - start)
    return float(np.median(spent))


def reduced(crops: Pixels, side: int, grey: bool) -> Pixels:
    """Shrink crops to a size, perhaps in grey, and enlarge them again."""

    def one(crop: Pixels) -> Pixels:
        small = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA)
        if grey:
            small = cv2.cvtColor(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        return np.asarray(cv2.resize(small, crop.shape[1::-1], interpolation=cv2.INTER_CUBIC), np.uint8)

    return np.stack([one(crop) for crop in crops])
