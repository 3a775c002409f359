"""Experiment: three networks that tell which way a head turns, mirrored pictures, and classes of unequal size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels
from niteru.engine.drawn import person
from niteru.engine.drawn.photo import locate
from niteru.engine.photos.faces_folder import FacesMissing
from niteru.engine.training.lab.classifier import accuracy, seen
from niteru.engine.training.lab.findings import Findings, Table
from niteru.engine.training.lab.lab import Lab, Labelled, Outcome, percent
from niteru.engine.training.lab.people import drawn_people
from niteru.engine.training.lab.trial import THEIRS_28, Trial

TURNED = (0.02, 0.12)
"""Distances of the nose from the middle between the eyes, in eye distances, between which a head is turned a little:
every network recognised heads that are turned further."""
NETWORKS = {
    "CIFAR-10 tutorial, 24×24, colour": Trial(
        "conv64x5 pool3 norm conv64x5 norm pool3 dense384 dense192", side=24, rate=5e-4, steps=600
    ),
    "MNIST tutorial, 28×28, grey": Trial(THEIRS_28, side=28, grey=True, rate=5e-4, steps=600),
    "AlexNet, 227×227, colour": Trial(
        "conv96x11/4 pool3 conv256x5 pool3 conv384x3 conv384x3 conv256x3 pool3 dense4096 drop0.5 dense4096 drop0.5",
        side=227,
        rate=1e-4,
        initializer="he_normal",
        batch=16,
        steps=120,
    ),
}
RARE = 0.1


def run(lab: Lab, findings: Findings) -> None:
    """Train the networks on heads of drawn people that turn left or right, and test them on other people."""
    if lab.faces is not None:
        raise FacesMissing("the direction of heads is known only for drawn people: leave FACES out")
    people, photos = lab.amount(40, 10), lab.amount(24, 12)
    crops, labels, whose = turned_heads(people, photos)
    asked = whose >= people * 3 // 4
    data = crops[~asked], labels[~asked], crops[asked], labels[asked]
    findings.data = (
        f"drawn people, heads turned a little: {len(data[1])} pictures to learn from, {len(data[3])} of other people "
        f"for testing; {percent(float(labels.mean()))} turned to the right."
    )
    findings.tables += [networks(lab, data), balance(lab, data)]


def turned_heads(people: int, photos: int) -> tuple[Pixels, NDArray[np.int64], NDArray[np.int64]]:
    """Crops of drawn people's turned heads, their direction, 0 for left and 1 for right, and their person's number."""
    some = drawn_people(people, photos)
    rows = [(who, photo) for who in range(people) for photo in range(photos)]
    turns = np.array([turn_of(locate(person(who), photo)[1]) for who, photo in rows])
    kept = np.flatnonzero((np.abs(turns) > TURNED[0]) & (np.abs(turns) < TURNED[1]))
    crops = np.stack([some.crops[rows[row]] for row in kept])
    return crops, (turns[kept] > 0).astype(np.int64), np.array([rows[row][0] for row in kept])


def turn_of(landmarks: NDArray[np.float32]) -> float:
    """Distance of the nose from the middle between the eyes, along their line, in eye distances."""
    left, right, nose = landmarks[:3]
    along = (right - left) / np.linalg.norm(right - left) ** 2
    return float((nose - (left + right) / 2) @ along)


def mirrored(data: Labelled) -> Labelled:
    """Add the mirror image of each training picture, which shows the other side."""
    crops, labels, asked, answers = data
    return np.concatenate([crops, crops[:, :, ::-1]]), np.concatenate([labels, 1 - labels]), asked, answers


def networks(lab: Lab, data: Labelled) -> Table:
    """Train each network as it is, with mirror images of the other side, and with mirror images of the same side."""
    rows = []
    for name, trial in list(NETWORKS.items())[: lab.amount(3, 1)]:
        short = replace(trial, steps=lab.amount(trial.steps, 20))
        wrong = (np.concatenate([data[0], data[0][:, :, ::-1]]), np.concatenate([data[1], data[1]]), *data[2:])
        ways = {"plain": data, "mirrored": mirrored(data), "mirrored, same side": wrong}
        outcomes = (lab.train(f"{name} {way}", short, some, points=4) for way, some in ways.items())
        rows.append([name, *(outcome.accuracy_text for outcome in outcomes)])
    return Table("Accuracy", ["network", "plain", "mirrored, other side", "mirrored, same side"], rows)


def balance(lab: Lab, data: Labelled) -> Table:
    """Make one side rare, and train with it as it is, with a larger weight, and drawn more often."""
    crops, labels, asked, answers = data
    right = np.flatnonzero(labels == 1)
    dropped = np.random.default_rng(0).permutation(right)[round(len(right) * RARE) :]
    kept = np.setdiff1d(np.arange(len(labels)), dropped)
    rare = crops[kept], labels[kept], asked, answers
    share = float(rare[1].mean())
    weights = (0.5 / (1 - share), 0.5 / share)
    shares = np.where(rare[1] == 1, weights[1], weights[0])
    ways = {"plain": {}, "re-weighted": {"weights": weights}, "re-sampled": {"shares": shares / shares.sum()}}
    name, trial = next(iter(NETWORKS.items()))
    rows = []
    for seed in range(1, lab.amount(3, 1) + 1):
        for way, options in ways.items():
            case = replace(trial, steps=lab.amount(trial.steps, 20), seed=seed)
            outcome = lab.train(f"rare {way} {seed}", case, rare, points=4, **options)
            rows.append([way, str(seed), *by_side(outcome, case, asked, answers)])
    return Table(
        f"{name}; {percent(share)} of the training pictures are turned to the right",
        ["accuracy", "seed", "left", "right", "mean"],
        sorted(rows),
    )


def by_side(outcome: Outcome, trial: Trial, asked: Pixels, answers: NDArray[np.int64]) -> list[str]:
    """Accuracy on each side, and their mean, as text."""
    assert outcome.network is not None
    each = [accuracy(outcome.network, seen(trial, asked[answers == side]), answers[answers == side]) for side in (0, 1)]
    return [percent(one) for one in (*each, float(np.mean(each)))]
