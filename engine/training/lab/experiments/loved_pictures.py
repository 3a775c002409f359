"""Experiment: pictures that deceive a network, made from noise and by small changes of photos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from niteru.engine import Pixels
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.model_zoo import find_model
from niteru.engine.faces.contact_sheet import save_picture
from niteru.engine.faces.detector import Detector, load_detector
from niteru.engine.faces.extraction import DetectedFace, faces_in
from niteru.engine.training.embedding.unfolding import unfolded
from niteru.engine.training.lab.findings import Findings, Table
from niteru.engine.training.lab.lab import Lab, Labelled, percent
from niteru.engine.training.lab.people import medians, split
from niteru.engine.training.lab.trial import THEIRS_96, Trial

CASE = Trial(THEIRS_96, side=48, rate=1e-3, steps=500)
SURE = 0.999
MOST_STEPS = 300
CHANGES = (1, 2, 4, 8, 16)
"""Grey levels by which every value of a picture may be changed."""
TRIES = 10
FRAME = 64
"""Pixels of grey around a crop, for the detector."""
Logits = Callable[[Any], Any]


def run(lab: Lab, findings: Findings) -> None:
    """Deceive the old classifier and the embedding by noise and by small changes, and measure a defence."""
    people = lab.people(lab.amount(40, 6), 12)
    data = split(people, 8)
    outcome = lab.train("classifier", replace(CASE, steps=lab.amount(CASE.steps, 60)), data)
    assert outcome.network is not None
    embedding = DifferentiableEmbedding(data)
    networks = {"classifier": Gradients(_classifier_logits(outcome.network)), "niteru": Gradients(embedding.logits)}
    number = lab.amount(100, 4)
    findings.data = f"{people}; eight photos of each are known, {number} of the others are changed."
    noise = {
        name: from_noise(network, lab.amount(8, 2), len(people.crops), lab.amount(MOST_STEPS, 40))
        for name, network in networks.items()
    }
    changed = {name: smallest_changes(network, data, number) for name, network in networks.items()}
    findings.tables += [
        _noise_table(noise),
        _change_table({name: found[0] for name, found in changed.items()}),
        defence(embedding, data, noise["niteru"][0], changed["niteru"][1]),
    ]
    if people.drawn:
        save_picture(lab.folder / "loved.jpg", _sheet([noise[name][0][:8] for name in networks]))
        findings.pictures.append(("loved.jpg", "loved from noise: above by the classifier, below by the embedding"))


class DifferentiableEmbedding:
    """niteru's own model as a network with gradients, and the people that it knows."""

    def __init__(self, data: Labelled) -> None:
        """Learn the people from their training photos."""
        learnt, labels, _, _ = data
        self.embedder = Embedder()
        self.people = medians(self.embedder.embed(learnt), labels)
        self._network = unfolded(find_model(None))

    def logits(self, pictures: Any) -> Any:
        """Compute 40 times the cosines of pictures, with values from 0 to 255, with all people."""
        info = self.embedder.info
        edge = (112 - info.window) // 2
        part = pictures[:, edge : edge + info.window, edge : edge + info.window]
        faces = tf.image.resize(part, (info.side, info.side))
        vectors = self._network(faces, training=False) + self._network(faces[:, :, ::-1], training=False)
        vectors = tf.math.l2_normalize(tf.cast(vectors, tf.float32), axis=1)
        return 40.0 * tf.matmul(vectors, self.people, transpose_b=True)

    def nearest(self, crops: Pixels) -> NDArray[np.int64]:
        """Number of the nearest person of each crop, by the exported model."""
        return np.asarray((self.embedder.embed(crops) @ self.people.T).argmax(axis=1))


class Gradients:
    """A network's logits of pictures with values from 0 to 255, and the gradients towards other classes."""

    def __init__(self, logits: Logits) -> None:
        """Compile both functions, which then take a quarter of the time."""
        self.logits = tf.function(logits, reduce_retracing=True)
        self.towards = tf.function(self._towards, reduce_retracing=True)
        self._logits = logits

    def _towards(self, pictures: Any, wanted: Any) -> tuple[Any, Any]:
        """Probability of each picture's wanted class, (n,), and the gradient of its loss, in the pictures' shape."""
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            logits = self._logits(pictures)
            loss = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(wanted, logits))
        return tf.gather(tf.nn.softmax(logits), wanted, axis=1, batch_dims=1), tape.gradient(loss, pictures)


def _classifier_logits(network: keras.Model) -> Logits:
    side = network.input_shape[1]

    def logits(pictures: Any) -> Any:
        return network(tf.image.resize(pictures, (side, side)) / 127.5 - 1, training=False)

    return logits


def from_noise(network: Gradients, pictures: int, classes: int, most: int) -> tuple[Pixels, list[int]]:
    """Change noise until a network is sure of a class; returns the pictures, and the steps of each (0: never sure)."""
    rng = np.random.default_rng(0)
    values = tf.Variable(rng.uniform(96, 160, (pictures, 112, 112, 3)).astype(np.float32))
    wanted = tf.constant(np.arange(pictures) % classes)
    steps, optimizer = np.zeros(pictures, int), keras.optimizers.Adam(4.0)
    for step in range(most):
        sure, gradient = network.towards(tf.convert_to_tensor(values), wanted)
        steps[(steps == 0) & (sure.numpy() >= SURE)] = step
        if steps.all():
            break
        optimizer.apply([gradient], [values])
        values.assign(tf.clip_by_value(values, 0, 255))
    return np.asarray(np.round(values.numpy()), np.uint8), steps.tolist()


def smallest_changes(network: Gradients, data: Labelled, number: int) -> tuple[list[int], Pixels]:
    """Find the smallest change in grey levels that turns photos into another person's.

    Projected gradient descent (Madry et al., 2018, https://arxiv.org/abs/1706.06083) towards the second most probable
    person.

    Returns:
        For each photo that is recognised unchanged, the smallest change, or 0 if none suffices; and the changed photos.
    """
    asked, answers = shown_of(data, number)
    least, best = np.zeros(number, int), asked.copy()
    right = np.zeros(number, bool)
    for start in range(0, number, 10):
        some = slice(start, start + 10)
        crops, own = asked[some].astype(np.float32), answers[some]
        logits = np.array(network.logits(tf.constant(crops)))
        right[some] = logits.argmax(axis=1) == own
        logits[np.arange(len(own)), own] = -np.inf
        wanted = logits.argmax(axis=1)
        for most in CHANGES:
            moved = _moved(network, crops, wanted, most)
            won = (np.asarray(network.logits(tf.constant(moved))).argmax(axis=1) != own) & (least[some] == 0)
            least[some][won], best[some][won] = most, moved[won].astype(np.uint8)
            if least[some].all():
                break
    return least[right].tolist(), best[right & (least > 0)]


def _moved(network: Gradients, crops: NDArray[np.float32], wanted: NDArray[np.int64], most: int) -> NDArray[np.float32]:
    values = tf.constant(crops)
    for _ in range(TRIES):
        _, gradient = network.towards(values, tf.constant(wanted))
        step = tf.sign(gradient) * max(1.0, most / 4)
        values = tf.clip_by_value(tf.clip_by_value(values - step, crops - most, crops + most), 0, 255)
    return np.asarray(np.round(values.numpy()), np.float32)


def defence(embedding: DifferentiableEmbedding, data: Labelled, noise: Pixels, changed: Pixels) -> Table:
    """Measure what passes each check: a face is found, its quality is good, it stays the same person when altered."""
    true, detector, rows = shown_of(data, len(changed))[0], load_detector(), []
    for name, crops in {"true photos": true, "loved from noise": noise, "photos changed": changed}.items():
        found = [_largest_face(detector, crop) for crop in crops]
        faces = np.array([face is not None for face in found])
        good = np.array([face is not None and not face.quality for face in found])
        nearest = embedding.nearest(crops)
        steady = [nearest == embedding.nearest(np.stack([alter(crop) for crop in crops])) for alter in ALTERED.values()]
        checks = [np.ones(len(crops), bool), faces, good, *steady, np.all([good, *steady], axis=0)]
        rows.append([name, str(len(crops)), *(percent(float(passed.mean())) for passed in checks)])
    columns = ["", "pictures", "no check", "a face is found", "its quality is good", *ALTERED, "all four"]
    return Table("niteru: what passes", columns, rows)


def blurred(crop: Pixels) -> Pixels:
    """Blur a crop so little that people hardly see it."""
    return np.asarray(cv2.GaussianBlur(crop, (0, 0), 1.2), np.uint8)


def saved_badly(crop: Pixels) -> Pixels:
    """Store a crop as a small JPEG and read it again."""
    _, data = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, 30])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


ALTERED = {"the same person when blurred": blurred, "the same when saved badly": saved_badly}
"""Alterations that hardly affect a face but undo changes computed for the values of pixels (feature squeezing, Xu et
al., 2018, https://arxiv.org/abs/1704.01155)."""


def shown_of(data: Labelled, number: int) -> tuple[Pixels, NDArray[np.int64]]:
    """Choose some of the test crops, evenly over all people, with the numbers of their people."""
    rows = np.linspace(0, len(data[3]) - 1, number).astype(int)
    return data[2][rows], data[3][rows]


def _largest_face(detector: Detector, crop: Pixels) -> DetectedFace | None:
    framed = cv2.copyMakeBorder(crop, FRAME, FRAME, FRAME, FRAME, cv2.BORDER_CONSTANT, value=(128, 128, 128))
    return next(iter(faces_in(np.asarray(framed, np.uint8), detector)), None)


def _noise_table(found: dict[str, tuple[Pixels, list[int]]]) -> Table:
    rows = []
    for name, (_, steps) in found.items():
        reached = [step for step in steps if step]
        median = f"{np.median(reached):.0f}" if reached else "–"
        rows.append([name, f"{len(reached)} of {len(steps)}", median])
    return Table(f"From noise, until {SURE} sure", ["", "pictures that succeeded", "steps, median"], rows)


def _change_table(found: dict[str, list[int]]) -> Table:
    rows = []
    for name, least in found.items():
        shares = [percent(sum(0 < one <= most for one in least) / max(len(least), 1)) for most in CHANGES]
        rows.append([name, str(len(least)), *shares])
    return Table(
        "Another person after a change by so many grey levels at most",
        ["", "right before", *map(str, CHANGES)],
        rows,
    )


def _sheet(bands: list[Pixels]) -> Pixels:
    return np.vstack([np.hstack(list(band)) for band in bands])
