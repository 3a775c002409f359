"""The detector's network: 0.4 M parameters, for any picture whose sides are multiples of 32."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops
from typing_extensions import override

from niteru.engine.faces.detections import CHANNELS

WIDTHS = (16, 32, 48, 64, 80)
HEAD = 48
PRIOR = 0.01
"""Probability of a face in an untrained cell: nearly everything is background (Lin et al., 2017)."""


@keras.saving.register_keras_serializable("niteru")
class DepthToSpace(layers.Layer):
    """Layer that rearranges channels into twice the height and width, from 4·c to c channels.

    Keras's own layers that enlarge write the output size into an exported graph; this one lets LiteRT resize it.
    """

    @override
    def call(self, inputs: Any) -> Any:
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            return tf.nn.depth_to_space(inputs, 2)
        batch, height, width, channels = ops.shape(inputs)
        x = ops.reshape(inputs, (batch, height, width, 2, 2, channels // 4))
        return ops.reshape(ops.transpose(x, (0, 1, 3, 2, 4, 5)), (batch, 2 * height, 2 * width, channels // 4))

    @override
    def compute_output_shape(self, input_shape: Any) -> Any:
        batch, height, width, channels = input_shape
        return batch, height and 2 * height, width and 2 * width, channels // 4


@keras.saving.register_keras_serializable("niteru")
class ScorePrior(keras.initializers.Initializer):
    """Initial bias of a cell: the prior's logit for the score, zero for the other channels."""

    @override
    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        logit = float(ops.log(PRIOR / (1 - PRIOR)))
        return ops.cast(ops.arange(shape[0]) == 0, dtype or "float32") * logit


def detector_network() -> keras.Model:
    """Build a small residual backbone and a light feature pyramid (Lin et al., 2016) with one head for all strides.

    Its convolutions are full ones, because on a CPU depthwise ones train more slowly than their number of operations
    promises.

    Returns:
        Model from RGB in 0–255, shape (batch, 32·m, 32·n, 3), to three grids of strides 8, 16 and 32, each of shape
        (batch, rows, columns, 15), with the cells that :mod:`niteru.engine.faces.detections` describes.
    """
    inputs = keras.Input((None, None, 3), name="picture")
    x = layers.Rescaling(1 / 127.5, offset=-1.0)(inputs)
    x = _convolution(x, WIDTHS[0], strides=2)
    x = _residual_block(_convolution(x, WIDTHS[1], strides=2), WIDTHS[1])
    features = []
    for width in WIDTHS[2:]:
        x = _residual_block(_convolution(x, width, strides=2), width)
        features.append(x)
    return keras.Model(inputs, _head(_pyramid(features)), name="detector")


def _pyramid(features: list[Any]) -> list[Any]:
    """Add to each level the features of the next coarser one, from the coarsest down."""
    levels = [_convolution(features[-1], HEAD, kernel=1)]
    for feature in reversed(features[:-1]):
        above = layers.Conv2D(4 * HEAD, 1, use_bias=False)(levels[0])
        levels.insert(0, layers.Add()([_convolution(feature, HEAD, kernel=1), DepthToSpace()(above)]))
    return levels


def _head(levels: list[Any]) -> list[Any]:
    convolution = layers.Conv2D(HEAD, 3, padding="same", use_bias=False)
    answer = layers.Conv2D(CHANNELS, 1, bias_initializer=ScorePrior(), name="answer")
    return [answer(layers.ReLU()(layers.BatchNormalization()(convolution(level)))) for level in levels]


def _convolution(x: Any, width: int, strides: int = 1, kernel: int = 3) -> Any:
    x = layers.Conv2D(width, kernel, strides, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.98)(x))


def _residual_block(x: Any, width: int) -> Any:
    return layers.Add()([x, _convolution(_convolution(x, width), width)])
