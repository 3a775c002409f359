"""Distillation: the distance to a teacher's vectors."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops
from typing_extensions import override

from niteru.engine.training.embedding.losses.pairs import mean_over


@keras.saving.register_keras_serializable("niteru")
class TeacherDistance(keras.losses.Loss):
    """Mean squared distance between our unit vectors and the teacher's.

    Rows whose teacher vector is zero have no teacher and do not count.

    After Romero et al., "FitNets: Hints for Thin Deep Nets", 2014, https://arxiv.org/abs/1412.6550, on the last layer.

    Example:
        >>> import numpy as np
        >>> ours, teacher = np.float32([[1, 0], [0, 1]]), np.float32([[0.6, 0.8], [0, 0]])
        >>> round(float(TeacherDistance()(teacher, ours)), 3)
        0.8
    """

    def __init__(self, name: str = "teacher_distance", **options: Any) -> None:

        super().__init__(name=name, **options)

    @override
    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Compute the loss of a batch.

        Args:
            y_true: the teacher's unit vectors, or zeros, shape (batch, dimension).
            y_pred: our unit vectors, shape (batch, dimension).
        """
        squared = ops.sum(ops.square(y_true - y_pred), axis=1)
        taught = ops.cast(ops.sum(ops.square(y_true), axis=1) > 0.5, "float32")
        return mean_over(squared, taught)
