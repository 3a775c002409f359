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
"""Grey levels that every value of a picture may be moved by."""
TRIES = 10
FRAME = 64
"""Pixels of grey around a crop, for the detector."""
Logits = Callable[[Any], Any]


def run(lab: Lab, findings: Findings) -> None:
    """For the old classifier and for the embedding: from noise, the smallest change, and who is kept out."""
    people = lab.people(lab.much(40, 6), 12)
    data = split(people, 8)
    outcome = lab.train("classifier", replace(CASE, steps=lab.much(CASE.steps, 60)), data)
    assert outcome.network is not None
    eyes = Recogniser(data)
    ways = {"classifier": Slope(_as_the_classifier_sees(outcome.network)), "niteru": Slope(eyes.logits)}
    number = lab.much(100, 4)
    findings.data = f"{people}; eight of each known, {number} of the others changed."
    noise = {
        name: from_noise(way, lab.much(8, 2), len(people.crops), lab.much(MOST_STEPS, 40)) for name, way in ways.items()
    }
    changed = {name: smallest_changes(way, data, number) for name, way in ways.items()}
    findings.tables += [
        _noise_table(noise),
        _change_table({name: found[0] for name, found in changed.items()}),
        defence(eyes, data, noise["niteru"][0], changed["niteru"][1]),
    ]
    if people.drawn:
        save_picture(lab.folder / "loved.jpg", _sheet([noise[name][0][:8] for name in ways]))
        findings.pictures.append(("loved.jpg", "loved from noise: above by the classifier, below by the embedding"))


class Recogniser:
    """The shipped embedding as something that can be differentiated, and the people it knows."""

    def __init__(self, data: Labelled) -> None:
        """Know the people by the photos learnt from."""
        learnt, labels, _, _ = data
        self.embedder = Embedder()
        self.people = medians(self.embedder.embed(learnt), labels)
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


class Slope:
    """What a network says of pictures in 0 … 255, and how to change them so that it says something else."""

    def __init__(self, logits: Logits) -> None:
        """Compiled: a quarter of the time."""
        self.says = tf.function(logits, reduce_retracing=True)
        self.towards = tf.function(self._towards, reduce_retracing=True)
        self._logits = logits

    def _towards(self, pictures: Any, wanted: Any) -> tuple[Any, Any]:
        """How sure each is of its wanted class, (n,), and the slope of its loss, as the pictures."""
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            said = self._logits(pictures)
            loss = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(wanted, said))
        return tf.gather(tf.nn.softmax(said), wanted, axis=1, batch_dims=1), tape.gradient(loss, pictures)


def _as_the_classifier_sees(network: keras.Model) -> Logits:
    side = network.input_shape[1]

    def logits(pictures: Any) -> Any:
        return network(tf.image.resize(pictures, (side, side)) / 127.5 - 1, training=False)

    return logits


def from_noise(slope: Slope, pictures: int, classes: int, most: int) -> tuple[Pixels, list[int]]:
    """Change noise until the network is sure of a class; the pictures, and the steps each took (0: never)."""
    dice = np.random.default_rng(0)
    values = tf.Variable(dice.uniform(96, 160, (pictures, 112, 112, 3)).astype(np.float32))
    wanted = tf.constant(np.arange(pictures) % classes)
    steps, optimizer = np.zeros(pictures, int), keras.optimizers.Adam(4.0)
    for step in range(most):
        sure, gradient = slope.towards(tf.convert_to_tensor(values), wanted)
        steps[(steps == 0) & (sure.numpy() >= SURE)] = step
        if steps.all():
            break
        optimizer.apply([gradient], [values])
        values.assign(tf.clip_by_value(values, 0, 255))
    return np.asarray(np.round(values.numpy()), np.uint8), steps.tolist()


def smallest_changes(slope: Slope, data: Labelled, number: int) -> tuple[list[int], Pixels]:
    """The least change in grey levels that makes photos another person's, 0 if none does; and what came of it.

    Of photos that are told rightly as they are.

    Projected gradient descent (Madry et al., 2018, https://arxiv.org/abs/1706.06083) towards the second in the list.
    """
    asked, answers = shown_of(data, number)
    least, best = np.zeros(number, int), asked.copy()
    right = np.zeros(number, bool)
    for start in range(0, number, 10):
        some = slice(start, start + 10)
        crops, own = asked[some].astype(np.float32), answers[some]
        said = np.array(slope.says(tf.constant(crops)))
        right[some] = said.argmax(axis=1) == own
        said[np.arange(len(own)), own] = -np.inf
        wanted = said.argmax(axis=1)
        for most in CHANGES:
            moved = _moved(slope, crops, wanted, most)
            won = (np.asarray(slope.says(tf.constant(moved))).argmax(axis=1) != own) & (least[some] == 0)
            least[some][won], best[some][won] = most, moved[won].astype(np.uint8)
            if least[some].all():
                break
    return least[right].tolist(), best[right & (least > 0)]


def _moved(slope: Slope, crops: NDArray[np.float32], wanted: NDArray[np.int64], most: int) -> NDArray[np.float32]:
    values = tf.constant(crops)
    for _ in range(TRIES):
        _, gradient = slope.towards(values, tf.constant(wanted))
        step = tf.sign(gradient) * max(1.0, most / 4)
        values = tf.clip_by_value(tf.clip_by_value(values - step, crops - most, crops + most), 0, 255)
    return np.asarray(np.round(values.numpy()), np.float32)


def defence(eyes: Recogniser, data: Labelled, noise: Pixels, changed: Pixels) -> Table:
    """Who gets through: anything at all, what has a face, and what is still the same person when looked at again."""
    true, detector, rows = shown_of(data, len(changed))[0], load_detector(), []
    for name, crops in {"true photos": true, "loved from noise": noise, "photos changed": changed}.items():
        found = [_largest_face(detector, crop) for crop in crops]
        faces = np.array([face is not None for face in found])
        good = np.array([face is not None and not face.quality for face in found])
        told = eyes.told(crops)
        steady = [told == eyes.told(np.stack([again(crop) for crop in crops])) for again in AGAIN.values()]
        ways = [np.ones(len(crops), bool), faces, good, *steady, np.all([good, *steady], axis=0)]
        rows.append([name, str(len(crops)), *(percent(float(some.mean())) for some in ways)])
    columns = ["", "pictures", "no check", "a face is found", "nothing is said against it", *AGAIN, "all four"]
    return Table("niteru: who gets through", columns, rows)


def blurred(crop: Pixels) -> Pixels:
    """So little that people hardly see it."""
    return np.asarray(cv2.GaussianBlur(crop, (0, 0), 1.2), np.uint8)


def saved_badly(crop: Pixels) -> Pixels:
    """As a small JPEG."""
    _, data = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, 30])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


AGAIN = {"the same person when blurred": blurred, "the same when saved badly": saved_badly}
"""A change that was computed for the values of pixels does not survive what a face does not notice (feature squeezing,
Xu et al., 2018, https://arxiv.org/abs/1704.01155)."""


def shown_of(data: Labelled, number: int) -> tuple[Pixels, NDArray[np.int64]]:
    """Some of the asked crops, evenly over all people, and whose they are."""
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
    return Table(f"From noise, until {SURE} sure", ["", "pictures that came so far", "steps, median"], rows)


def _change_table(found: dict[str, list[int]]) -> Table:
    rows = []
    for name, least in found.items():
        shares = [percent(sum(0 < one <= most for one in least) / max(len(least), 1)) for most in CHANGES]
        rows.append([name, str(len(least)), *shares])
    return Table(
        "Another person after a change of at most so many grey levels",
        ["", "told rightly before", *map(str, CHANGES)],
        rows,
    )


def _sheet(bands: list[Pixels]) -> Pixels:
    return np.vstack([np.hstack(list(band)) for band in bands])
