"""The detector's loss: focal loss for the score, relative distances for box and landmarks."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops
from typing_extensions import override

FOCUS = 2.0
FACE_SHARE = 0.25
BOX_WEIGHT = 2.0
LANDMARK_WEIGHT = 5.0
BEND = 0.02
"""Distance in face sizes below which the loss of a coordinate is quadratic."""


@keras.saving.register_keras_serializable("niteru")
class DetectorLoss(keras.losses.Loss):
    """Focal loss (Lin et al., 2017, https://arxiv.org/abs/1708.02002) plus Huber distances in face sizes.

    All parts are sums over a batch divided by its number of face cells.

    Example:
        >>> import numpy as np
        >>> from niteru.engine.training.detector.labels import from_landmarks, targets
        >>> face = from_landmarks(np.float32([[50, 55], [78, 55], [64, 72], [53, 88], [75, 88]]))
        >>> wanted = targets([face], side=128)[None]
        >>> right = np.concatenate([np.where(wanted[..., :1] > 0.5, 20, -20), wanted[..., 1:15]], axis=-1)
        >>> nothing = np.concatenate([0 * right[..., :1] - 20, right[..., 1:]], axis=-1)
        >>> loss = DetectorLoss()
        >>> round(float(loss(wanted, right)), 3), round(float(loss(wanted, nothing)), 3)
        (0.0, 5.0)
    """

    def __init__(self, name: str = "finder_loss", **options: Any) -> None:
        # The loss is one number for a batch, whatever Keras would reduce it by.
        super().__init__(name=name, reduction=options.pop("reduction", "sum"), **options)

    @override
    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Compute the loss of a batch.

        Args:
            y_true: targets of :func:`niteru.engine.training.detector.labels.targets`, shape (batch, cells, 17).
            y_pred: outputs of the network, shape (batch, cells, 15).
        """
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
