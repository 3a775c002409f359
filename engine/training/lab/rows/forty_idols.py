"""Forty people, many photos: where a softmax is at home."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import numpy as np

from engine.faces_folder import FacesMissing
from engine.training.lab.findings import Findings, Table
from engine.training.lab.lab import Curve, Lab, Labelled, percent
from engine.training.lab.people import People
from engine.training.lab.rows.few_shot import nearest_centroid
from engine.training.lab.trial import THEIRS_96, Trial

PEOPLE, FOLDS = 40, 6
CASE = Trial(THEIRS_96, side=96, shift=16, distort=True, rate=1e-3, l2=1e-4, steps=1_000)


def run(lab: Lab, findings: Findings) -> None:
    """Accuracy by step in each fold, beside the nearest centroid of the same photos."""
    people = photos_there(lab)
    case = replace(CASE, steps=lab.much(CASE.steps, 20), side=lab.much(96, 48))
    curves: dict[str, Curve] = {}
    ours = []
    for fold in range(lab.much(FOLDS, 2)):
        data = folded(people, fold)
        curves[f"fold {fold + 1}"] = lab.train(f"fold {fold + 1}", case, data, points=8).curve
        ours.append(nearest_centroid(data))
    findings.data = f"{people}, a sixth asked; batches of {case.batch}."
    steps = [int(point["step"]) for point in next(iter(curves.values()))]
    rows = [
        [name, *(percent(point["asked"]) for point in curve), percent(mine)]
        for (name, curve), mine in zip(curves.items(), ours, strict=True)
    ]
    means = [
        percent(float(np.mean([curve[place]["asked"] for curve in curves.values()]))) for place in range(len(steps))
    ]
    rows.append(["mean", *means, percent(float(np.mean(ours)))])
    findings.tables.append(
        Table("Told rightly of those asked, by step", ["fold", *map(str, steps), "niteru, no training"], rows)
    )
    findings.pictures.append((lab.plot("folds.png", curves, ("asked",)), "accuracy by step, a line a fold"))


def photos_there(lab: Lab) -> People:
    """Forty people with as many photos as they had, or the most there are here."""
    if lab.quick:
        return lab.people(8, 12)
    for photos in (180, 150, 120, 90, 60):
        with contextlib.suppress(FacesMissing):
            return lab.people(PEOPLE, photos)
    return lab.people(PEOPLE, 30)


def folded(people: People, fold: int) -> Labelled:
    """A sixth of each person's photos asked, the others learnt from."""
    photos = people.crops.shape[1]
    asked = np.arange(photos) % FOLDS == fold
    number, shape = len(people.crops), people.crops.shape[2:]
    parts = [people.crops[:, rows].reshape(-1, *shape) for rows in (~asked, asked)]
    labels = [np.repeat(np.arange(number), int(rows.sum())) for rows in (~asked, asked)]
    return parts[0], labels[0], parts[1], labels[1]
