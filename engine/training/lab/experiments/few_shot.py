"""Experiment: a softmax over a hundred people with a handful of small pictures each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import keras
import numpy as np

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.photos.faces_folder import FacesMissing
from niteru.engine.training.lab.classifier import seen
from niteru.engine.training.lab.findings import Findings, Table
from niteru.engine.training.lab.lab import Lab, Labelled, percent
from niteru.engine.training.lab.people import medians, split
from niteru.engine.training.lab.trial import Trial

SIZES = ((100, 4), (100, 8), (245, 8))
CASE = Trial(loss="naive", rate=1e-4, steps=600)
OPTIMIZERS: tuple[Literal["adam", "sgd"], ...] = ("adam", "sgd")
CURE: dict[str, dict[str, Any]] = {
    "as it was": {},
    "scaled to the mean of a batch": {"loss": "naive-mean"},
    "gradient clipped to 5": {"clip": 5.0},
    "loss from logits": {"loss": "softmax"},
    "loss from logits, clipped": {"loss": "softmax", "clip": 5.0},
}


def run(lab: Lab, findings: Findings) -> None:
    """Measure their three sizes, their divergence and its cause, and the nearest centroid on the same photos."""
    findings.data = "drawn people." if lab.faces is None else f"people of {lab.faces.resolve().name}."
    curves, notes = {}, []
    rows = []
    for people, photos in SIZES[:1] if lab.quick else SIZES:
        try:
            some = lab.people(lab.amount(people, 12), photos)
        except FacesMissing:
            notes.append(f"The folder has fewer than {people} people with {photos} photos each.")
            continue
        data = split(some, photos * 3 // 4)
        name = f"{len(some.crops)} × {photos}"
        case = replace(CASE, steps=lab.amount(CASE.steps, 30))
        outcome = lab.train(f"softmax {name}", case, data)
        slow = lab.train(f"slow {name}", replace(case, rate=1e-6), data)
        curves[name] = outcome.curve
        shares = (outcome.training_accuracy, outcome.accuracy, slow.accuracy, nearest_centroid(data))
        rows.append([name, *map(percent, shares), percent(1 / len(some.crops))])
    columns = [
        "people × photos",
        "softmax, training photos",
        "softmax, test photos",
        "softmax at 1e-6, test photos",
        "niteru, test photos",
        "chance",
    ]
    findings.tables.append(Table("Accuracy", columns, rows))
    plot = lab.plot("overfit.png", curves, {"asked": "test photos", "learnt": "training photos"})
    findings.pictures.append((plot, "learnt by heart within a few hundred steps"))
    some = lab.people(lab.amount(100, 12), SIZES[0][1])
    findings.tables.append(diverged(lab, split(some, 3)))
    findings.notes = notes


def nearest_centroid(data: Labelled) -> float:
    """Share of the test crops whose nearest person, by niteru's own model, is their own."""
    learnt, labels, asked, answers = data
    embedder = Embedder()
    people = medians(embedder.embed(learnt), labels)
    return float(((embedder.embed(asked) @ people.T).argmax(axis=1) == answers).mean())


def diverged(lab: Lab, data: Labelled) -> Table:
    """Find the step at which each way of training ends in NaN at a rate of .01, and the spread of the logits there."""
    rows, most = [], lab.amount(200, 20)
    for name, cure in list(CURE.items())[:: lab.amount(1, 2)]:
        for optimizer in OPTIMIZERS[: lab.amount(2, 1)]:
            case = replace(CASE, rate=0.01, optimizer=optimizer, **cure)
            ends = [watched(replace(case, seed=seed), data, most) for seed in range(1, lab.amount(3, 1) + 1)]
            steps = ", ".join(f"{step}" if step else "never" for step, _ in ends)
            rows.append([name, optimizer, steps, ", ".join(f"{gap:.0f}" for _, gap in ends)])
    columns = ["loss", "optimizer", f"NaN at step (of {most}), by seed", "spread of logits the step before"]
    return Table("At a learning rate of .01", columns, rows)


def watched(trial: Trial, data: Labelled, steps: int) -> tuple[int | None, float]:
    """Train until the loss is NaN; returns that step, or None, and the largest spread of logits just before."""
    keras.backend.clear_session()
    learnt, labels, _, _ = data
    pictures, network, gap = seen(trial, learnt), trial.network(int(labels.max()) + 1), 0.0
    network.compile(trial.compiled_optimizer(), trial.compiled_loss())
    rng = np.random.default_rng(trial.seed)
    for step in range(1, steps + 1):
        rows = rng.choice(len(labels), trial.batch)
        logits = keras.ops.convert_to_numpy(network(pictures[rows], training=False))
        if np.isfinite(logits).all():
            gap = float((logits.max(axis=1) - logits.min(axis=1)).max())
        loss = float(network.train_on_batch(pictures[rows], labels[rows]))
        if not np.isfinite(loss):
            return step, gap
    return None, gap
