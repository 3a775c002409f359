"""The batch-hard triplet loss."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops
from typing_extensions import override

from niteru.engine.training.embedding.losses.pairs import mean_over, pair_masks


@keras.saving.register_keras_serializable("niteru")
class BatchHardTriplet(keras.losses.Loss):
    """Loss that brings each face's furthest genuine partner nearer than its nearest impostor, by a margin.

    Hermans, Beyer, Leibe, "In Defense of the Triplet Loss", 2017, https://arxiv.org/abs/1703.07737, with the squared
    distances of unit vectors.

    Args:
        margin: difference between the two squared distances.

    Example:
        >>> import numpy as np
        >>> vectors = np.float32([[1, 0], [0.6, 0.8], [-1, 0]])  # two photos of one person, one of another
        >>> round(float(BatchHardTriplet(margin=4.0)(np.array([0, 0, 1]), vectors)), 3)  # (0.8 + 1.6) / 2
        1.2
    """

    def __init__(self, margin: float = 0.4, name: str = "triplet", **options: Any) -> None:

        super().__init__(name=name, **options)
        self.margin = margin

    @override
    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Compute the loss of a batch.

        Args:
            y_true: number of each row's person, shape (batch,) or (batch, 1).
            y_pred: unit vectors, shape (batch, dimension).
        """
        genuine, impostor = pair_masks(y_true)
        squared = 2.0 - 2.0 * ops.matmul(y_pred, ops.transpose(y_pred))
        furthest = ops.max(squared * genuine, axis=1)
        nearest = ops.min(squared + 9.0 * (1.0 - impostor), axis=1)
        paired = ops.max(genuine, axis=1) * ops.max(impostor, axis=1)
        return mean_over(ops.relu(furthest - nearest + self.margin), paired)

    @override
    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "margin": self.margin}
