"""Relational distillation: a teacher's cosines between the faces of a batch."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops
from typing_extensions import override

from niteru.engine.training.embedding.losses.pairs import mean_over


@keras.saving.register_keras_serializable("niteru")
class Relations(keras.losses.Loss):
    """Mean squared difference between our cosines of a batch's faces and the teacher's.

    Rows whose teacher vector is zero have no teacher and do not count.

    Park et al., "Relational Knowledge Distillation", CVPR 2019, https://arxiv.org/abs/1904.05068, with cosines.

    Example:
        >>> import numpy as np
        >>> ours, teacher = np.float32([[1, 0], [0, 1]]), np.float32([[1, 0, 0], [0.6, 0.8, 0]])
        >>> round(float(Relations()(teacher, ours)), 3)  # cosines of 0 and 0.6
        0.36
    """

    def __init__(self, name: str = "relations", **options: Any) -> None:

        super().__init__(name=name, **options)

    @override
    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Compute the loss of a batch.

        Args:
            y_true: the teacher's unit vectors, or zeros, shape (batch, dimension).
            y_pred: our unit vectors, of any dimension.
        """
        taught = ops.cast(ops.sum(ops.square(y_true), axis=1) > 0.5, "float32")
        both = taught[:, None] * taught * (1.0 - ops.eye(ops.shape(taught)[0], dtype="float32"))
        theirs = ops.matmul(y_true, ops.transpose(y_true))
        ours = ops.matmul(y_pred, ops.transpose(y_pred))
        return mean_over(ops.square(theirs - ours), both)
