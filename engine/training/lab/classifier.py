"""Training of a trial's classifier, which can be interrupted and resumed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from niteru.engine import Pixels
from niteru.engine.training.lab.trial import Trial
from niteru.engine.training.loop import Loop
from niteru.engine.training.stages import Stage

_MEASURED = 600
"""Training pictures on which the curve's accuracy is measured."""
_BATCH = 256


class Classifier(Loop):
    """The training loop over batches of labelled pictures.

    Args:
        folder: folder of this run.
        trial: the network and its training.
        learnt, labels: crops to learn from, uint8 RGB (n, h, w, 3), and the class of each, int64 (n,).
        asked, answers: crops to measure on and their classes.
        points: number of points of the curve.
        shares: probability of drawing each crop, float (n,); None for equal ones.
        weights: weight of each class in the loss; None for equal ones.

    Raises:
        RunChanged: the folder belongs to another run.
    """

    def __init__(
        self,
        folder: Path,
        trial: Trial,
        learnt: Pixels,
        labels: NDArray[np.int64],
        asked: Pixels,
        answers: NDArray[np.int64],
        *,
        points: int = 12,
        shares: NDArray[np.float64] | None = None,
        weights: Sequence[float] | None = None,
    ) -> None:
        self.trial, self._labels, self._answers = trial, labels, answers
        self._classes = int(max(labels.max(), answers.max())) + 1
        self._shares, self._weights = shares, weights
        self._learnt = learnt if trial.shift or trial.distort else seen(trial, learnt)
        self._seen, self._some = seen(trial, asked), seen(trial, learnt[:: max(1, len(learnt) // _MEASURED)])
        self._some_labels = labels[:: max(1, len(learnt) // _MEASURED)]
        digest = hashlib.sha256(labels.tobytes())
        for crop in learnt[:: max(1, len(learnt) // 100)]:
            digest.update(np.ascontiguousarray(crop).tobytes())
        identity = {"trial": asdict(trial), "faces": digest.hexdigest()[:16]}
        stage = Stage("classifier", trial.steps, trial.rate)
        super().__init__(folder, [stage], identity, max(1, trial.steps // points))

    @override
    def batch(self, number: int) -> tuple[Any, Any]:
        rng = np.random.default_rng((self.trial.seed, number))
        rows = rng.choice(len(self._labels), self.trial.batch, p=self._shares)
        labels = self._labels[rows]
        if self._learnt.dtype == np.float32:
            return self._learnt[rows], labels
        return np.stack([_varied(self.trial, self._learnt[row], rng) for row in rows]), labels

    @override
    def compiled(self, stage: int, before: keras.Model | None) -> keras.Model:
        network = self.trial.network(self._classes)
        network.compile(self.trial.compiled_optimizer(), self.trial.compiled_loss(self._weights))
        return network

    @override
    def measures(self, model: keras.Model) -> dict[str, float]:
        """Measure the accuracy on training and test pictures, and the share of zeros after the dense layers."""
        return {
            "learnt": accuracy(model, self._some, self._some_labels),
            "asked": accuracy(model, self._seen, self._answers),
            "zeros": float(np.mean(zero_shares(model, self._some[:_BATCH]) or [0.0])),
        }


def seen(trial: Trial, crops: Pixels) -> NDArray[np.float32]:
    """Turn crops into the network's input without variation: float32 (n, side, side, channels) from −1 to 1."""
    return np.stack([_shown(trial, crop) for crop in crops])


def accuracy(model: keras.Model, pictures: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Share of the pictures whose own class has the largest logit."""
    blocks = range(0, len(pictures), _BATCH)
    classes = [
        keras.ops.convert_to_numpy(model(pictures[start : start + _BATCH], training=False)).argmax(axis=1)
        for start in blocks
    ]
    return float((np.concatenate(classes) == labels).mean())


def zero_shares(model: keras.Model, pictures: NDArray[np.float32]) -> list[float]:
    """Share of zeros in the output of each dense layer but the last."""
    layers = [layer.output for layer in model.layers if layer.name.endswith("-dense")]
    if not layers:
        return []
    values = keras.Model(model.input, layers)(pictures, training=False)
    values = values if isinstance(values, (list, tuple)) else [values]
    return [float((keras.ops.convert_to_numpy(one) == 0).mean()) for one in values]


def _varied(trial: Trial, crop: Pixels, rng: np.random.Generator) -> NDArray[np.float32]:
    """Vary a crop for training: cut it out at a random place, and change its light and its side."""
    left, top = rng.integers(0, trial.shift + 1, 2) if trial.shift else (0, 0)
    side = crop.shape[0] - trial.shift
    values = _shown(trial, crop[top : top + side, left : left + side], whole=True)
    if not trial.distort:
        return values
    values = values * rng.uniform(0.8, 1.2) + rng.uniform(-0.25, 0.25)
    if not trial.grey:
        grey = values.mean(axis=2, keepdims=True)
        values = grey + (values - grey) * rng.uniform(0.7, 1.3) + rng.uniform(-0.06, 0.06, 3)
    flipped = values[:, ::-1] if rng.random() < 0.5 else values
    return np.clip(flipped, -1, 1).astype(np.float32)


def _shown(trial: Trial, crop: Pixels, whole: bool = False) -> NDArray[np.float32]:
    margin = 0 if whole else trial.shift // 2
    middle = crop[margin : len(crop) - margin, margin : len(crop) - margin]
    small = cv2.resize(middle, (trial.side, trial.side), interpolation=cv2.INTER_AREA)
    if trial.grey:
        small = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)[..., None]
    return small.astype(np.float32) / 127.5 - 1
