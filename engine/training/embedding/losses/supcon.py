"""The supervised contrastive loss."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops
from typing_extensions import override

from niteru.engine.training.embedding.losses.pairs import pair_masks


@keras.saving.register_keras_serializable("niteru")
class SupervisedContrastive(keras.losses.Loss):
    """Loss that lets each face pick the other photos of its person out of the batch.

    ``-mean over positives of log softmax(cosine / temperature)``, averaged over the rows that have a positive.

    Khosla et al., "Supervised Contrastive Learning", 2020, https://arxiv.org/abs/2004.11362 (the "out" form).

    Args:
        temperature: the smaller, the more the hardest impostors weigh.

    Example:
        >>> import numpy as np
        >>> vectors = np.float32([[1, 0], [0, 1], [0, 1]])  # the second face is like the third, not like the first
        >>> round(float(SupervisedContrastive(temperature=1.0)(np.array([0, 0, 1]), vectors)), 3)
        1.003
    """

    def __init__(self, temperature: float = 0.1, name: str = "supcon", **options: Any) -> None:

        super().__init__(name=name, **options)
        self.temperature = temperature

    @override
    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Compute the loss of a batch.

        Args:
            y_true: number of each row's person, shape (batch,) or (batch, 1).
            y_pred: unit vectors, shape (batch, dimension).
        """
        genuine, impostor = pair_masks(y_true)
        logits = ops.matmul(y_pred, ops.transpose(y_pred)) / self.temperature
        others = genuine + impostor
        # A face is its own best match: leave the diagonal out of the softmax.
        logits = logits * others - 1e9 * (1.0 - others)
        log_share = ops.log_softmax(logits, axis=1)
        positives = ops.sum(genuine, axis=1)
        per_row = -ops.sum(log_share * genuine, axis=1) / ops.maximum(positives, 1.0)
        has_positive = ops.cast(positives > 0, "float32")
        return ops.sum(per_row) / ops.maximum(ops.sum(has_positive), 1.0)

    @override
    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "temperature": self.temperature}
