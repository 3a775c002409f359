"""Classification with a margin: every face against the centres of all people, not only those of its batch."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray


@keras.saving.register_keras_serializable("niteru")
class Centres(layers.Layer):
    """A learned centre a person; gives the cosines of unit vectors with all of them.

    Args:
        people: how many.
    """

    def __init__(self, people: int, **options: Any) -> None:
        """See the class."""
        super().__init__(**{"dtype": "float32", **options})
        self.people = people

    def build(self, shape: Any) -> None:
        """Make the centres, shape (people, dimension)."""
        self.centres = self.add_weight(shape=(self.people, shape[-1]), name="centres", initializer="random_normal")

    def call(self, vectors: Any) -> Any:
        """Cosines, shape (batch, people)."""
        lengths = ops.sum(ops.square(self.centres), axis=-1, keepdims=True)
        return ops.matmul(vectors, ops.transpose(self.centres * ops.rsqrt(lengths + 1e-12)))

    def get_config(self) -> dict[str, Any]:
        """Arguments to build this layer again."""
        return {**super().get_config(), "people": self.people}


class _MarginSoftmax(keras.losses.Loss):
    """Cross-entropy over scaled cosines, the right one lowered by a margin first."""

    def __init__(self, scale: float, margin: float, **options: Any) -> None:
        super().__init__(**options)
        self.scale, self.margin = scale, margin

    def lowered(self, cosine: Any) -> Any:
        raise NotImplementedError

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Loss of a batch.

        Args:
            y_true: person of each row, shape (batch,) or (batch, 1).
            y_pred: cosines with all centres, shape (batch, people).
        """
        people = ops.reshape(ops.cast(y_true, "int32"), (-1,))
        right = ops.one_hot(people, ops.shape(y_pred)[1], dtype="float32")
        cosine = ops.sum(y_pred * right, axis=-1)
        logits = self.scale * (y_pred + right * ops.expand_dims(self.lowered(cosine) - cosine, -1))
        return ops.mean(ops.logsumexp(logits, axis=-1) - self.scale * self.lowered(cosine))

    def get_config(self) -> dict[str, Any]:
        """Arguments to build this loss again."""
        return {**super().get_config(), "scale": self.scale, "margin": self.margin}


@keras.saving.register_keras_serializable("niteru")
class CosFace(_MarginSoftmax):
    """Margin on the cosine.

    Wang et al., "CosFace: Large Margin Cosine Loss", 2018, https://arxiv.org/abs/1801.09414.

    Args:
        scale: of the cosines; moderate, because most people here have few photos.
        margin: by which the right cosine must win.
    """

    def __init__(self, scale: float = 24.0, margin: float = 0.25, name: str = "cosface", **options: Any) -> None:
        """See the class."""
        super().__init__(scale, margin, name=name, **options)

    def lowered(self, cosine: Any) -> Any:
        """The right person's cosine less the margin."""
        return cosine - self.margin


@keras.saving.register_keras_serializable("niteru")
class ArcFace(_MarginSoftmax):
    """Margin on the angle.

    Deng et al., "ArcFace: Additive Angular Margin Loss", 2019, https://arxiv.org/abs/1801.07698.

    Args:
        scale: of the cosines.
        margin: radians by which the right angle must be smaller.
    """

    def __init__(self, scale: float = 24.0, margin: float = 0.3, name: str = "arcface", **options: Any) -> None:
        """See the class."""
        super().__init__(scale, margin, name=name, **options)

    def lowered(self, cosine: Any) -> Any:
        """The cosine of the right person's angle plus the margin.

        ``cos(a + m) = cos a cos m - sin a sin m``, the sine kept off zero: its gradient there is infinite. Where the
        angle passes 180° it falls on along a line, or faces far from their person would be rewarded.
        """
        clipped = ops.clip(cosine, -1.0 + 1e-5, 1.0 - 1e-5)
        margin = ops.convert_to_tensor(self.margin, dtype="float32")
        turned = clipped * ops.cos(margin) - ops.sqrt(1.0 - ops.square(clipped)) * ops.sin(margin)
        return ops.where(clipped > -ops.cos(margin), turned, clipped - margin * ops.sin(margin))


def centres_of(vectors: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float32]:
    """Where people lie so far: centres that start anywhere else would first have to move there.

    Args:
        vectors: unit vectors, shape (n, dimension).
        labels: person of each, from 0, shape (n,).

    Returns:
        Weights of :class:`Centres`, shape (people, dimension).
    """
    means = np.zeros((int(labels.max()) + 1, vectors.shape[1]), np.float32)
    np.add.at(means, labels, vectors)
    # All of one length: the longer a centre is, the less a step turns it.
    return np.asarray(means / (np.linalg.norm(means, axis=1, keepdims=True) + 1e-9), np.float32)
