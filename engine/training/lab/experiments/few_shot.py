"""A softmax over a hundred people with a handful of small pictures each."""

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
    """Their three sizes, their divergence and its cause, and the same photos by nearest centroid."""
    findings.data = "drawn people." if lab.faces is None else f"people of {lab.faces.resolve().name}."
    curves, said = {}, []
    rows = []
    for people, photos in SIZES[:1] if lab.quick else SIZES:
        try:
            some = lab.people(lab.much(people, 12), photos)
        except FacesMissing:
            said.append(f"{people} people × {photos} photos: so many are not in the folder.")
            continue
        data = split(some, photos * 3 // 4)
        name = f"{len(some.crops)} × {photos}"
        case = replace(CASE, steps=lab.much(CASE.steps, 30))
        outcome = lab.train(f"softmax {name}", case, data)
        slow = lab.train(f"slow {name}", replace(case, rate=1e-6), data)
        curves[name] = outcome.curve
        told = nearest_centroid(data)
        chance = percent(1 / len(some.crops))
        rows.append([name, *map(percent, (outcome.learnt, outcome.asked, slow.asked, told)), chance])
    columns = [
        "people × photos",
        "softmax, learnt from",
        "softmax, asked",
        "at 1e-6, asked",
        "niteru, asked",
        "by chance",
    ]
    findings.tables.append(Table("Told rightly", columns, rows))
    findings.pictures.append(
        (
            lab.plot("overfit.png", curves, {"asked": "asked", "learnt": "learnt from"}),
            "learnt by heart within a few hundred steps",
        )
    )
    some = lab.people(lab.much(100, 12), SIZES[0][1])
    findings.tables.append(diverged(lab, split(some, 3)))
    findings.notes = said


def nearest_centroid(data: Labelled) -> float:
    """Share of the asked crops whose nearest person, by the shipped embedding, is their own."""
    learnt, labels, asked, answers = data
    embedder = Embedder()
    people = medians(embedder.embed(learnt), labels)
    return float(((embedder.embed(asked) @ people.T).argmax(axis=1) == answers).mean())


def diverged(lab: Lab, data: Labelled) -> Table:
    """At .01: when each way of training stops being a number, over seeds, and how far the logits were apart."""
    rows = []
    for name, cure in list(CURE.items())[:: lab.much(1, 2)]:
        for optimizer in OPTIMIZERS[: lab.much(2, 1)]:
            case = replace(CASE, rate=0.01, optimizer=optimizer, **cure)
            ends = [watched(replace(case, seed=seed), data, lab.much(200, 20)) for seed in range(1, lab.much(3, 1) + 1)]
            steps = ", ".join(f"{step}" if step else "never" for step, _ in ends)
            rows.append([name, optimizer, steps, ", ".join(f"{gap:.0f}" for _, gap in ends)])
    columns = ["loss", "optimizer", f"NaN at step (of {lab.much(200, 20)}), by seed", "logits apart in the step before"]
    return Table("At a learning rate of .01", columns, rows)


def watched(trial: Trial, data: Labelled, steps: int) -> tuple[int | None, float]:
    """The step at which the loss is not a number, None if never; the largest distance of logits just before."""
    keras.backend.clear_session()
    learnt, labels, _, _ = data
    pictures, network, gap = seen(trial, learnt), trial.network(int(labels.max()) + 1), 0.0
    network.compile(trial.compiled_optimizer(), trial.compiled_loss())
    dice = np.random.default_rng(trial.seed)
    for step in range(1, steps + 1):
        rows = dice.choice(len(labels), trial.batch)
        logits = keras.ops.convert_to_numpy(network(pictures[rows], training=False))
        if np.isfinite(logits).all():
            gap = float((logits.max(axis=1) - logits.min(axis=1)).max())
        loss = float(network.train_on_batch(pictures[rows], labels[rows]))
        if not np.isfinite(loss):
            return step, gap
    return None, gap
