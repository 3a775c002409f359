"""Experiment: forty people with many photos, for which a softmax is suited."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from niteru.engine.photos.faces_folder import FacesMissing
from niteru.engine.training.lab.experiments.few_shot import nearest_centroid
from niteru.engine.training.lab.findings import Findings, Table
from niteru.engine.training.lab.lab import Curve, Lab, Labelled, percent
from niteru.engine.training.lab.people import People
from niteru.engine.training.lab.trial import THEIRS_96, Trial

PEOPLE, FOLDS = 40, 6
CASE = Trial(THEIRS_96, side=96, shift=16, distort=True, rate=1e-3, l2=1e-4, steps=8_000, bfloat16=True)
SHORT = 4_000
"""Steps of all folds but the first: six as long as theirs would take an hour."""
EVERY = 500
REPORTED = (500, 1_000, 2_000, 4_000, 8_000)


def run(lab: Lab, findings: Findings) -> None:
    """Measure the accuracy by step in each fold, and that of the nearest centroid on the same photos."""
    people = photos_there(lab)
    case = replace(CASE, side=lab.amount(96, 48))
    curves: dict[str, Curve] = {}
    ours = []
    for fold in range(lab.amount(FOLDS, 2)):
        data = folded(people, fold)
        steps = lab.amount(SHORT if fold else case.steps, 20)
        points = max(1, steps // EVERY)
        curves[f"fold {fold + 1}"] = lab.train(
            f"fold {fold + 1}", replace(case, steps=steps), data, points=points
        ).curve
        ours.append(nearest_centroid(data))
    findings.data = f"{people}, a sixth for testing; batches of {case.batch}."
    findings.tables.append(by_step(curves, ours, (20,) if lab.quick else REPORTED))
    findings.pictures.append(
        (lab.plot("folds.png", curves, {"asked": "accuracy"}), "accuracy by step, one line for each fold")
    )


def by_step(curves: dict[str, Curve], ours: list[float], steps: Sequence[int]) -> Table:
    """Tabulate the accuracy of each fold at some of its steps, their mean, and ours."""
    asked = [{int(point["step"]): point["asked"] for point in curve} for curve in curves.values()]
    rows = [
        [name, *(percent(fold[step]) if step in fold else "–" for step in steps), percent(mine)]
        for name, fold, mine in zip(curves, asked, ours, strict=True)
    ]
    means = [percent(float(np.mean([fold[step] for fold in asked if step in fold]))) for step in steps]
    rows.append(["mean", *means, percent(float(np.mean(ours)))])
    columns = ["fold", *(f"{step:,}" for step in steps), "niteru, no training"]
    return Table("Accuracy on test photos, by step", columns, rows)


def photos_there(lab: Lab) -> People:
    """Load forty people with as many photos as theirs had, or the most that there are."""
    if lab.quick:
        return lab.people(8, 12)
    for photos in (180, 150, 120, 90, 60, 30):
        with contextlib.suppress(FacesMissing):
            return lab.people(PEOPLE, photos)
    return lab.people(PEOPLE, 12)


def folded(people: People, fold: int) -> Labelled:
    """Hold out a sixth of each person's photos for testing."""
    photos = people.crops.shape[1]
    asked = np.arange(photos) % FOLDS == fold
    number, shape = len(people.crops), people.crops.shape[2:]
    parts = [people.crops[:, rows].reshape(-1, *shape) for rows in (~asked, asked)]
    labels = [np.repeat(np.arange(number), int(rows.sum())) for rows in (~asked, asked)]
    return parts[0], labels[0], parts[1], labels[1]
