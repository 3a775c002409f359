"""Pictures that a network loves: from noise, and a person's photo that a small change makes another's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.embedder import Embedder, Vectors
from engine.finder import load_finder
from engine.model_zoo import find_model
from engine.photo import Pixels
from engine.pooling import robust_mean
from engine.sheet import save_picture
from engine.training.embedding.unfolding import unfolded
from engine.training.lab.findings import Findings, Table
from engine.training.lab.lab import Lab, Labelled, percent
from engine.training.lab.people import split
from engine.training.lab.trial import THEIRS_96, Trial

CASE = Trial(THEIRS_96, side=48, rate=1e-3, steps=500)
SURE = 0.999
MOST_STEPS = 1_000
CHANGES = (1, 2, 4, 8, 16)
"""Grey levels that every value of a picture may be moved by."""
TRIES = 10
REFUSED = 0.02
"""Of true photos, so many may be refused by a check."""
FRAME = 64
"""Pixels of grey around a crop, for the finder."""
Logits = Callable[[Any], Any]


def run(lab: Lab, findings: Findings) -> None:
    """For the old classifier and for the embedding: from noise, the smallest change, and who is kept out."""
    people = lab.people(lab.much(40, 6), 12)
    data = split(people, 8)
    outcome = lab.train("classifier", replace(CASE, steps=lab.much(CASE.steps, 60)), data)
    assert outcome.network is not None
    eyes = Eyes(data)
    ways: dict[str, Logits] = {"classifier": _as_the_classifier_sees(outcome.network), "niteru": eyes.logits}
    number = lab.much(100, 4)
    findings.data = f"{people}; eight of each known, {number} of the others changed."
    noise = {name: from_noise(way, lab.much(20, 2), len(people.crops), lab) for name, way in ways.items()}
    changed = {name: smallest_changes(way, data, number) for name, way in ways.items()}
    findings.tables += [
        _noise_table(noise),
        _change_table({name: found[0] for name, found in changed.items()}, number),
        defence(eyes, data, noise["niteru"][0], changed["niteru"][1]),
    ]
    if people.drawn:
        save_picture(lab.folder / "loved.jpg", _sheet([noise[name][0][:8] for name in ways]))
        findings.pictures.append(("loved.jpg", "loved from noise: above by the classifier, below by the embedding"))


class Eyes:
    """The shipped embedding as something that can be differentiated, and the people it knows."""

    def __init__(self, data: Labelled) -> None:
        """Know the people by the photos learnt from."""
        learnt, labels, _, _ = data
        self.embedder = Embedder()
        vectors = self.embedder.embed(learnt)
        self.people: Vectors = np.stack([robust_mean(vectors[labels == one]) for one in range(int(labels.max()) + 1)])
        self._network = unfolded(find_model(None))

    def logits(self, pictures: Any) -> Any:
        """Cosines with everybody, times 40, of pictures in 0 … 255."""
        info = self.embedder.info
        edge = (112 - info.window) // 2
        part = pictures[:, edge : edge + info.window, edge : edge + info.window]
        faces = tf.image.resize(part, (info.side, info.side))
        vectors = self._network(faces, training=False) + self._network(faces[:, :, ::-1], training=False)
        vectors = tf.math.l2_normalize(tf.cast(vectors, tf.float32), axis=1)
        return 40.0 * tf.matmul(vectors, self.people, transpose_b=True)

    def told(self, crops: Pixels) -> NDArray[np.int64]:
        """Whom the shipped file takes them for."""
        return np.asarray((self.embedder.embed(crops) @ self.people.T).argmax(axis=1))


def _as_the_classifier_sees(network: keras.Model) -> Logits:
    side = network.input_shape[1]

    def logits(pictures: Any) -> Any:
        return network(tf.image.resize(pictures, (side, side)) / 127.5 - 1, training=False)

    return logits


def from_noise(logits: Logits, pictures: int, classes: int, lab: Lab) -> tuple[Pixels, list[int]]:
    """Change noise until the network is sure of a class; the pictures, and the steps each took (0: never)."""
    dice = np.random.default_rng(0)
    values = tf.Variable(dice.uniform(96, 160, (pictures, 112, 112, 3)).astype(np.float32))
    wanted = tf.constant(np.arange(pictures) % classes)
    steps, optimizer = np.zeros(pictures, int), keras.optimizers.Adam(4.0)
    for step in range(1, lab.much(MOST_STEPS // 5, 30) + 1):
        with tf.GradientTape() as tape:
            said = logits(values)
            loss = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(wanted, said))
        optimizer.apply([tape.gradient(loss, values)], [values])
        values.assign(tf.clip_by_value(values, 0, 255))
        sure = tf.gather(tf.nn.softmax(logits(tf.round(values))), wanted, axis=1, batch_dims=1).numpy() >= SURE
        steps[(steps == 0) & sure] = step
        if steps.all():
            break
    return np.asarray(np.round(values.numpy()), np.uint8), steps.tolist()


def smallest_changes(logits: Logits, data: Labelled, number: int) -> tuple[list[int], Pixels]:
    """The least of some changes, in grey levels, that makes each photo the nearest other person's; 0 if none does.

    Projected gradient descent (Madry et al., 2018, https://arxiv.org/abs/1706.06083) towards the second in the list.
    """
    _, _, asked, answers = data
    rows = np.linspace(0, len(asked) - 1, number).astype(int)
    least, best = np.zeros(number, int), asked[rows].copy()
    for start in range(0, number, 10):
        some = slice(start, start + 10)
        crops, own = asked[rows][some].astype(np.float32), answers[rows][some]
        said = np.array(logits(tf.constant(crops)))
        said[np.arange(len(own)), own] = -np.inf
        wanted = said.argmax(axis=1)
        for most in CHANGES:
            moved = _moved(logits, crops, wanted, most)
            won = (np.asarray(logits(tf.constant(moved))).argmax(axis=1) != own) & (least[some] == 0)
            least[some][won], best[some][won] = most, moved[won].astype(np.uint8)
            if least[some].all():
                break
    return least.tolist(), best


def _moved(logits: Logits, crops: NDArray[np.float32], wanted: NDArray[np.int64], most: int) -> NDArray[np.float32]:
    values = tf.constant(crops)
    for _ in range(TRIES):
        with tf.GradientTape() as tape:
            tape.watch(values)
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.constant(wanted), logits(values))
        step = tf.sign(tape.gradient(loss, values)) * max(1.0, most / 4)
        values = tf.clip_by_value(tf.clip_by_value(values - step, crops - most, crops + most), 0, 255)
    return np.asarray(np.round(values.numpy()), np.float32)


def defence(eyes: Eyes, data: Labelled, noise: Pixels, changed: Pixels) -> Table:
    """Who gets through: anything at all, what has a face, and what is still the same when it is looked at again."""
    true = data[2][: len(changed)]
    level = float(np.quantile(steadiness(eyes, true), REFUSED))
    rows = []
    for name, crops in {"true photos": true, "loved from noise": noise, "photos changed": changed}.items():
        faces = np.array([_has_a_face(crop) for crop in crops])
        steady = steadiness(eyes, crops) >= level
        shares = [float(some.mean()) for some in (np.ones(len(crops), bool), faces, steady, faces & steady)]
        rows.append([name, str(len(crops)), *map(percent, shares)])
    columns = ["", "pictures", "no check", "a face is found", "the same when blurred a little", "both"]
    return Table(f"niteru: who gets through; a check may refuse {percent(REFUSED)} of true photos", columns, rows)


def steadiness(eyes: Eyes, crops: Pixels) -> NDArray[np.float32]:
    """Cosine of each picture's vector with that of the same picture, blurred a little; float32 (n,).

    A change that was computed for the values of pixels does not survive a blur that a face does not notice (feature
    squeezing, Xu et al., 2018, https://arxiv.org/abs/1704.01155).
    """
    blurred = np.stack([cv2.GaussianBlur(crop, (0, 0), 1.2) for crop in crops])
    one, other = eyes.embedder.embed(crops), eyes.embedder.embed(blurred)
    return np.asarray(np.einsum("ij,ij->i", one, other), np.float32)


def _has_a_face(crop: Pixels) -> bool:
    framed = cv2.copyMakeBorder(crop, FRAME, FRAME, FRAME, FRAME, cv2.BORDER_CONSTANT, value=(128, 128, 128))
    return bool(load_finder().find(np.asarray(framed, np.uint8)))


def _noise_table(found: dict[str, tuple[Pixels, list[int]]]) -> Table:
    rows = []
    for name, (_, steps) in found.items():
        reached = [step for step in steps if step]
        median = f"{np.median(reached):.0f}" if reached else "–"
        rows.append([name, f"{len(reached)} of {len(steps)}", median])
    return Table(f"From noise, until {SURE} sure", ["", "pictures that came so far", "steps, median"], rows)


def _change_table(found: dict[str, list[int]], number: int) -> Table:
    rows = []
    for name, least in found.items():
        shares = [percent(sum(0 < one <= most for one in least) / number) for most in CHANGES]
        rows.append([name, *shares])
    return Table("Another person after a change of at most so many grey levels", ["", *map(str, CHANGES)], rows)


def _sheet(bands: list[Pixels]) -> Pixels:
    return np.vstack([np.hstack(list(band)) for band in bands])
