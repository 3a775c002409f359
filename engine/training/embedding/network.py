"""The embedding network: ten convolutions with residual blocks, 64×64 faces to 128-d unit vectors."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops, regularizers

DIMENSION = 128
WIDTHS = (32, 64, 128, 256)
WEIGHT_DECAY = 1e-4


@keras.saving.register_keras_serializable("niteru")
class UnitNorm(layers.Layer):
    """Divide each row by its length: ``x / sqrt(sum(x²) + 1e-12)``."""

    def call(self, inputs: Any) -> Any:
        """Rows of length 1, same shape as ``inputs`` (batch, dimension)."""
        return inputs * ops.rsqrt(ops.sum(ops.square(inputs), axis=-1, keepdims=True) + 1e-12)


@keras.saving.register_keras_serializable("niteru")
class FlipAverage(layers.Layer):
    """The mean embedding of a face and its mirror image, as one unit vector.

    A mirrored face is the same person; averaging both costs two passes and removes what the network reads from
    the side a person was photographed from.
    """

    def __init__(self, network: keras.Model, **options: Any) -> None:
        """Wrap ``network``, which maps (batch, side, side, 3) to (batch, dimension)."""
        super().__init__(**options)
        self.network = network
        self.norm = UnitNorm()

    def call(self, inputs: Any) -> Any:
        """Unit vectors, shape (batch, dimension)."""
        mirrored = ops.flip(inputs, axis=2)
        return self.norm(self.network(inputs, training=False) + self.network(mirrored, training=False))


def embedding_network(side: int = 64, dimension: int = DIMENSION) -> keras.Model:
    """A plain residual network after He et al., 2015 (https://arxiv.org/abs/1512.03385).

    Full convolutions, because depthwise ones train and run slower than their operation count promises on a CPU;
    batch normalisation before the unit norm (as ArcFace), which keeps early gradients alive.

    Args:
        side: input side in pixels.
        dimension: length of the vectors.

    Returns:
        Model from RGB in 0–255, shape (batch, side, side, 3), to float32 unit vectors (batch, dimension).
    """
    inputs = keras.Input((side, side, 3), name="face")
    x = layers.Rescaling(1 / 127.5, offset=-1.0)(inputs)
    x = _convolution(x, WIDTHS[0], strides=2)
    for width in WIDTHS[1:]:
        x = _convolution(x, width, strides=2)
        x = _residual_block(x, width)
    x = layers.Flatten()(x)
    x = layers.Dense(dimension, use_bias=False, kernel_regularizer=regularizers.L2(WEIGHT_DECAY))(x)
    x = layers.BatchNormalization(scale=False)(x)
    return keras.Model(inputs, UnitNorm(name="embedding")(x), name="niteru")


def _convolution(x: Any, width: int, strides: int = 1) -> Any:
    x = layers.Conv2D(
        width, 3, strides, padding="same", use_bias=False, kernel_regularizer=regularizers.L2(WEIGHT_DECAY)
    )(x)
    return layers.ReLU()(layers.BatchNormalization()(x))


def _residual_block(x: Any, width: int) -> Any:
    return layers.Add()([x, _convolution(_convolution(x, width), width)])
