"""Classification with a margin, in which each face is compared with all people and not only with those of its batch."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray
from typing_extensions import override


@keras.saving.register_keras_serializable("niteru")
class Centres(layers.Layer):
    """Layer with a learnt centre for each person; its outputs are the cosines of unit vectors with all centres.

    Args:
        people: number of people.

    Example:
        >>> centres = Centres(3)
        >>> centres(np.eye(2, dtype=np.float32)).shape  # two vectors of two numbers
        TensorShape([2, 3])
    """

    def __init__(self, people: int, **options: Any) -> None:
        super().__init__(**{"dtype": "float32", **options})
        self.people = people

    @override
    def build(self, shape: Any) -> None:
        self.centres = self.add_weight(shape=(self.people, shape[-1]), name="centres", initializer="random_normal")

    @override
    def call(self, vectors: Any) -> Any:
        lengths = ops.sum(ops.square(self.centres), axis=-1, keepdims=True)
        return ops.matmul(vectors, ops.transpose(self.centres * ops.rsqrt(lengths + 1e-12)))

    @override
    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "people": self.people}


class _MarginSoftmax(keras.losses.Loss):
    """Cross-entropy over scaled cosines, of which that of the right person is lowered by a margin."""

    def __init__(self, scale: float, margin: float, **options: Any) -> None:
        super().__init__(**options)
        self.scale, self.margin = scale, margin

    def lowered(self, cosine: Any) -> Any:
        raise NotImplementedError

    @override
    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Compute the loss of a batch.

        Args:
            y_true: number of each row's person, shape (batch,) or (batch, 1).
            y_pred: cosines with all centres, shape (batch, people).
        """
        people = ops.reshape(ops.cast(y_true, "int32"), (-1,))
        right = ops.one_hot(people, ops.shape(y_pred)[1], dtype="float32")
        cosine = ops.sum(y_pred * right, axis=-1)
        logits = self.scale * (y_pred + right * ops.expand_dims(self.lowered(cosine) - cosine, -1))
        return ops.mean(ops.logsumexp(logits, axis=-1) - self.scale * self.lowered(cosine))

    @override
    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale, "margin": self.margin}


@keras.saving.register_keras_serializable("niteru")
class CosFace(_MarginSoftmax):
    """Margin loss on cosines: the right person's cosine must be larger than all others by a margin.

    Wang et al., "CosFace: Large Margin Cosine Loss", 2018, https://arxiv.org/abs/1801.09414.

    Args:
        scale: factor of the cosines; moderate, because most people here have few photos.
        margin: difference between the cosines.

    Example:
        >>> cosines = np.float32([[0.5, 0.3]])  # of one face with two people
        >>> [round(float(CosFace(scale=10.0, margin=margin)(np.array([0]), cosines)), 2) for margin in (0.0, 0.25)]
        [0.13, 0.97]
    """

    def __init__(self, scale: float = 24.0, margin: float = 0.25, name: str = "cosface", **options: Any) -> None:
        super().__init__(scale, margin, name=name, **options)

    @override
    def lowered(self, cosine: Any) -> Any:
        return cosine - self.margin


@keras.saving.register_keras_serializable("niteru")
class ArcFace(_MarginSoftmax):
    """Margin loss on angles: the right person's angle must be smaller than all others by a margin.

    Deng et al., "ArcFace: Additive Angular Margin Loss", 2019, https://arxiv.org/abs/1801.07698.

    Args:
        scale: factor of the cosines.
        margin: difference between the angles in radians.

    Example:
        >>> cosines = np.float32([[0.5, 0.3]])  # of one face with two people
        >>> [round(float(ArcFace(scale=10.0, margin=margin)(np.array([0]), cosines)), 2) for margin in (0.0, 0.3)]
        [0.13, 1.16]
    """

    def __init__(self, scale: float = 24.0, margin: float = 0.3, name: str = "arcface", **options: Any) -> None:
        super().__init__(scale, margin, name=name, **options)

    @override
    def lowered(self, cosine: Any) -> Any:
        # cos(a + m) = cos a cos m - sin a sin m, with a sine that never reaches zero, where its gradient is infinite.
        # Beyond 180° the cosine falls further along a line, or faces far from their person would be rewarded.
        clipped = ops.clip(cosine, -1.0 + 1e-5, 1.0 - 1e-5)
        margin = ops.convert_to_tensor(self.margin, dtype="float32")
        turned = clipped * ops.cos(margin) - ops.sqrt(1.0 - ops.square(clipped)) * ops.sin(margin)
        return ops.where(clipped > -ops.cos(margin), turned, clipped - margin * ops.sin(margin))


def centres_of(vectors: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float32]:
    """Mean vector of each person, from which centres should start, or they would first have to move there.

    Args:
        vectors: unit vectors, shape (n, dimension).
        labels: number of each one's person, from 0, shape (n,).

    Returns:
        Weights of :class:`Centres`, shape (people, dimension).

    Example:
        >>> centres_of(np.float32([[1, 0], [1, 0], [0, 1]]), np.array([0, 0, 1])).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    means = np.zeros((int(labels.max()) + 1, vectors.shape[1]), np.float32)
    np.add.at(means, labels, vectors)
    # All have length 1: the longer a centre, the less a step turns it.
    return np.asarray(means / (np.linalg.norm(means, axis=1, keepdims=True) + 1e-9), np.float32)
