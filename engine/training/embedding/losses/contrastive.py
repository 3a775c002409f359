"""The contrastive loss of Siamese networks, over every pair of the batch."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops
from typing_extensions import override

from niteru.engine.training.embedding.losses.pairs import mean_over, pair_masks


@keras.saving.register_keras_serializable("niteru")
class Contrastive(keras.losses.Loss):
    """Loss that pulls genuine pairs together and pushes impostor pairs apart, up to a margin.

    ``mean(d² | genuine) + mean(max(0, margin - d)² | impostor within the margin)`` with ``d`` the Euclidean distance
    of unit vectors (0 to 2). Averaging only over impostors still inside the margin is the hard mining: pairs that
    are solved no longer dilute the rest.

    Hadsell, Chopra, LeCun, "Dimensionality Reduction by Learning an Invariant Mapping", CVPR 2006.

    Args:
        margin: distance at which two different people are far enough apart. Unrelated vectors are 1.41 apart: with a
            margin of 1 nothing pushes at first, all faces collapse together, and training does not recover (accuracy
            after 200 batches .689, with 1.4 .719).

    Example:
        >>> import numpy as np
        >>> vectors = np.float32([[1, 0], [0.6, 0.8], [0, -1]])  # two photos of one person, one of another
        >>> round(float(Contrastive(margin=1.0)(np.array([0, 0, 1]), vectors)), 3)  # 0.8 from the genuine pair alone
        0.8
    """

    def __init__(self, margin: float = 1.4, name: str = "contrastive", **options: Any) -> None:

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
        squared = ops.maximum(2.0 - 2.0 * ops.matmul(y_pred, ops.transpose(y_pred)), 0.0)
        # The gradient of sqrt at 0 is infinite, and a face is at distance 0 from itself.
        distance = ops.sqrt(squared + 1e-6)
        shortfall = ops.maximum(self.margin - distance, 0.0)
        active = impostor * ops.cast(shortfall > 0, "float32")
        return mean_over(squared, genuine) + mean_over(ops.square(shortfall), active)

    @override
    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "margin": self.margin}
