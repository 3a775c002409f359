"""Batch-hard triplet loss."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from niteru.engine.training.embedding.losses.pairs import mean_over, pair_masks


@keras.saving.register_keras_serializable("niteru")
class BatchHardTriplet(keras.losses.Loss):
    """Each face's furthest genuine partner should be nearer than its nearest impostor, by a margin.

    Hermans, Beyer, Leibe, "In Defense of the Triplet Loss", 2017, https://arxiv.org/abs/1703.07737, with the squared
    distances of unit vectors.

    Args:
        margin: between the two squared distances.
    """

    def __init__(self, margin: float = 0.4, name: str = "triplet", **options: Any) -> None:
        """See the class."""
        super().__init__(name=name, **options)
        self.margin = margin

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Loss of a batch.

        Args:
            y_true: person of each row, shape (batch,) or (batch, 1).
            y_pred: unit vectors, shape (batch, dimension).
        """
        genuine, impostor = pair_masks(y_true)
        squared = 2.0 - 2.0 * ops.matmul(y_pred, ops.transpose(y_pred))
        furthest = ops.max(squared * genuine, axis=1)
        nearest = ops.min(squared + 9.0 * (1.0 - impostor), axis=1)
        paired = ops.max(genuine, axis=1) * ops.max(impostor, axis=1)
        return mean_over(ops.relu(furthest - nearest + self.margin), paired)

    def get_config(self) -> dict[str, Any]:
        """Arguments to build this loss again."""
        return {**super().get_config(), "margin": self.margin}
