"""Experiment: pretraining on another task, and a beginner's defaults changed one at a time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels, Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.pooling import robust_mean
from niteru.engine.training.embedding.recipe import EmbeddingStage, Recipe
from niteru.engine.training.embedding.trainer import EmbeddingTrainer, trained_network
from niteru.engine.training.embedding.tuning import vectors_of
from niteru.engine.training.lab.classifier import Classifier
from niteru.engine.training.lab.experiments.forty_idols import folded, photos_there
from niteru.engine.training.lab.experiments.small_pictures import core_seconds_a_step
from niteru.engine.training.lab.findings import Findings, Table
from niteru.engine.training.lab.lab import Lab, Labelled, percent
from niteru.engine.training.lab.people import People
from niteru.engine.training.lab.trial import THEIRS_96, Trial

PEOPLE, ASKED, PHOTOS = 200, 60, 12
FEW = (1, 2, 4, 8)
LEVELS = 4
FROM_SCRATCH = Trial(THEIRS_96, side=64, shift=8, distort=True, rate=1e-3, steps=300)
DEFAULTS = Trial(THEIRS_96, side=48, rate=1e-3, steps=500)
BOOK = "conv32x3 norm pool conv48x3 norm pool conv72x3 norm pool conv108x3 norm pool dense1024 drop0.5 dense256 drop0.5"
HEAD_STEPS = 300
CHANGES: dict[str, dict[str, Any]] = {
    "Adam, ReLU, Glorot": {},
    "He": {"initializer": "he_normal"},
    "ELU": {"activation": "elu"},
    "batch norm": {"layers": BOOK.replace(" drop0.5", "")},
    "dropout": {"layers": BOOK.replace(" norm", "")},
    "Nesterov": {"optimizer": "nesterov", "rate": 0.02},
    "exponential decay": {"fading": True},
    "l1": {"l1": 1e-5},
    "the book: He, ELU, batch norm, dropout, Nesterov": {
        "initializer": "he_normal",
        "activation": "elu",
        "layers": BOOK,
        "optimizer": "nesterov",
        "rate": 0.02,
    },
    "the book without batch norm and ELU": {
        "initializer": "he_normal",
        "layers": BOOK.replace(" norm", ""),
        "optimizer": "nesterov",
        "rate": 0.02,
    },
}


def run(lab: Lab, findings: Findings) -> None:
    """Recognise people from few photos by networks with different pretraining; then change the defaults."""
    some = lab.people(lab.amount(PEOPLE, 14), PHOTOS, lab.amount(ASKED + 40, 14))
    asked = lab.amount(ASKED, 4)
    learnt, known = some.crops[asked:], some.crops[:asked]
    people = People(known, some.names[:asked], some.source)
    others = People(learnt, some.names[asked:], some.source)
    findings.data = (
        f"pretrained on {others}; {asked} others with one to eight photos each, and {PHOTOS - max(FEW)} for testing."
    )
    findings.tables += [few_photos(lab, learnt, people), defaults(lab)]


def few_photos(lab: Lab, learnt: Pixels, people: People) -> Table:
    """Measure the accuracy with one, two, four and eight photos of each person."""
    rows = [["softmax from scratch", *(percent(scratch(lab, people, few)) for few in FEW[:: lab.amount(1, 3)])]]
    flat, heads = people.crops.reshape(-1, *people.crops.shape[2:]), lab.amount(HEAD_STEPS, 30)
    for name, vectors in beginnings(lab, learnt, flat).items():
        placed = vectors.reshape(len(people.crops), PHOTOS, -1)
        rows.append([f"{name}: nearest median", *(percent(by_median(placed, few)) for few in FEW[:: lab.amount(1, 3)])])
        rows.append(
            [f"{name}: softmax on top", *(percent(by_head(placed, few, heads)) for few in FEW[:: lab.amount(1, 3)])]
        )
    return Table("Accuracy, by photos of each person", ["", *map(str, FEW[:: lab.amount(1, 3)])], rows)


def beginnings(lab: Lab, learnt: Pixels, asked: Pixels) -> dict[str, Vectors]:
    """Embed the test crops by networks that were trained in different ways, or not at all."""
    steps = lab.amount(240, 8)
    level = steps // LEVELS
    drawing = tuple(
        EmbeddingStage(f"level {one}", level, 0.05, {"autoencoder": 1}, level=one) for one in range(1, LEVELS + 1)
    )
    siamese = EmbeddingStage("siamese", steps, 0.05, {"siamese": 1})
    ways = {
        "not trained": (replace(siamese, steps=1, peak_rate=0.0),),
        "drawn again, level by level": drawing,
        "same person or not": (siamese,),
        "same person or not, then SupCon": (
            replace(siamese, steps=steps // 4),
            EmbeddingStage("metric", steps - steps // 4, 0.1, {"supcon": 1}),
        ),
    }
    vectors = {
        name: trained(lab, name, stages, learnt, asked) for name, stages in list(ways.items())[:: lab.amount(1, 3)]
    }
    return vectors | {"niteru as shipped": Embedder().embed(asked)}


def trained(lab: Lab, name: str, stages: tuple[EmbeddingStage, ...], learnt: Pixels, asked: Pixels) -> Vectors:
    """Train or resume an embedding network, and embed the test crops."""
    keras.backend.clear_session()
    crops = learnt.reshape(-1, *learnt.shape[2:])
    labels = np.repeat(np.arange(len(learnt)), learnt.shape[1])
    recipe = Recipe(stages, people=lab.amount(32, 8), photos=4)
    folder = lab.folder / "runs" / name.replace(" ", "-")
    EmbeddingTrainer(folder, recipe, crops, labels).run()
    return vectors_of(trained_network(folder), asked, recipe.window)


def scratch(lab: Lab, people: People, few: int) -> float:
    """Train a softmax over the people on a few photos of each; returns its accuracy."""
    data = asked_of(people.crops, few)
    trial = replace(FROM_SCRATCH, steps=lab.amount(FROM_SCRATCH.steps, 10))
    return lab.train(f"scratch {few}", trial, data, points=4).accuracy


def asked_of(crops: Pixels, few: int) -> Labelled:
    """Split crops into the first few photos of each person, to learn from, and the last, for testing."""
    number = len(crops)
    parts = crops[:, :few], crops[:, max(FEW) :]
    flat = [part.reshape(-1, *part.shape[2:]) for part in parts]
    labels = [np.repeat(np.arange(number), part.shape[1]) for part in parts]
    return flat[0], labels[0], flat[1], labels[1]


def by_median(vectors: NDArray[np.float32], few: int) -> float:
    """Share of the test photos whose nearest person is their own; vectors (people, photos, dimension)."""
    people = np.stack([robust_mean(own[:few]) for own in vectors])
    nearest = (vectors[:, max(FEW) :] @ people.T).argmax(axis=2)
    return float((nearest == np.arange(len(vectors))[:, None]).mean())


def by_head(vectors: NDArray[np.float32], few: int, steps: int) -> float:
    """The same share by a softmax that is trained on the vectors of a few photos."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    number, dimension = len(vectors), vectors.shape[2]
    head = keras.Sequential([keras.Input((dimension,)), keras.layers.Dense(number)])
    head.compile(keras.optimizers.Adam(0.02), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    learnt, labels = vectors[:, :few].reshape(-1, dimension), np.repeat(np.arange(number), few)
    for _ in range(steps):
        head.train_on_batch(8 * learnt, labels)
    classes = keras.ops.convert_to_numpy(head(vectors[:, max(FEW) :].reshape(-1, dimension))).argmax(axis=1)
    return float((classes == np.repeat(np.arange(number), vectors.shape[1] - max(FEW))).mean())


def defaults(lab: Lab) -> Table:
    """Train the forty idols' network with one of a beginner's defaults changed at a time."""
    data, rows = folded(photos_there(lab), 0), []
    for name, change in list(CHANGES.items())[:: lab.amount(1, 9)]:
        trial = replace(DEFAULTS, **{"steps": lab.amount(DEFAULTS.steps, 10), **change})
        outcome = lab.train(f"defaults {name}".replace(":", ""), trial, data, points=4)
        step = core_seconds_a_step(Classifier(Path(lab.folder / "clock" / name.replace(":", "")), trial, *data))
        halfway = outcome.curve[len(outcome.curve) // 2 - 1]["asked"] if outcome.network is not None else 0.0
        rows.append([name, percent(halfway), outcome.accuracy_text, f"{1000 * step:.0f} core-ms"])
    columns = ["", "accuracy halfway", "at the end", "time of a step"]
    return Table(f"Forty people at 48 pixels, {trial.steps} steps", columns, rows)
