"""The detector's loss: focal for the score, relative distances for box and landmarks."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

FOCUS = 2.0
FACE_SHARE = 0.25
BOX_WEIGHT = 2.0
LANDMARK_WEIGHT = 5.0
BEND = 0.02
"""Relative distance, in face sizes, below which the loss of a coordinate is square."""


@keras.saving.register_keras_serializable("niteru")
class DetectorLoss(keras.losses.Loss):
    """Focal loss (Lin et al., 2017, https://arxiv.org/abs/1708.02002) plus Huber distances in face sizes.

    All parts are sums over a batch divided by its number of face cells. Targets have shape (batch, cells, 17) as
    :func:`niteru.engine.training.detector.labels.targets` makes them, predictions (batch, cells, 15) as the network
    gives.
    """

    def __init__(self, name: str = "finder_loss", **options: Any) -> None:
        """One number a batch, whatever Keras would reduce by."""
        super().__init__(name=name, reduction=options.pop("reduction", "sum"), **options)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss, a scalar."""
        face = ops.cast(y_true[..., 0] > 0.5, "float32")
        known = ops.cast(y_true[..., 0] > -0.5, "float32")
        count = ops.maximum(ops.sum(face), 1.0)
        score = ops.sum(known * _focal(face, y_pred[..., 0]))
        off = y_true[..., 1:15] - y_pred[..., 1:]
        place = ops.sum(_huber(off[..., 0:2] * y_true[..., 15:16]), axis=-1) + ops.sum(_huber(off[..., 2:4]), axis=-1)
        points = ops.sum(_huber(off[..., 4:] * y_true[..., 16:17]), axis=-1)
        regression = ops.sum(face * (BOX_WEIGHT * place + LANDMARK_WEIGHT * points))
        return (score + regression) / count


def _focal(face: Any, logit: Any) -> Any:
    wrong = ops.where(face > 0.5, -logit, logit)
    share = ops.where(face > 0.5, FACE_SHARE, 1 - FACE_SHARE)
    return share * ops.sigmoid(wrong) ** FOCUS * ops.softplus(wrong)


def _huber(x: Any) -> Any:
    size = ops.abs(x)
    return ops.where(size < BEND, 0.5 * size * size / BEND, size - 0.5 * BEND)
