"""dlib's face recognition network in Keras.

Davis King taught it *same person or not* on about three million photographs and gave it to the public domain (CC0,
http://dlib.net/files): a Siamese pretraining that cannot be repeated on a laptop. It is a ResNet (He et al., 2015,
https://arxiv.org/abs/1512.03385) of 29 layers with half the filters: ``examples/dnn_face_recognition_ex.cpp`` in dlib.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import layers, ops, regularizers
from numpy.typing import NDArray
from typing_extensions import override

from niteru.engine.training.embedding.dlib_file import NETWORK, models_folder, read_layers
from niteru.engine.training.embedding.network import DIMENSION, WEIGHT_DECAY, unit_vectors

INHERITED = "dlib's face recognition network, trained on about three million photographs (weights CC0)"
SIDE, WINDOW = 168, 112
"""The whole crop, half as large again; dlib's own crop is 150 pixels of it."""
LEVELS = ((32, 3), (64, 4), (128, 3), (256, 3), (256, 1))
"""Filters and residual blocks of each level."""
_ABOVE, _BESIDE, _BELOW = 27, 9, 9
"""Pixels between the edges of the crop and those of dlib's own, which ends below the crop."""
_MEAN, _SCALE = (122.782, 117.001, 104.298), 256.0
_EPSILON = 1e-5


@keras.saving.register_keras_serializable("niteru")
class WidenedAdd(layers.Layer):
    """Sum of two maps of different sizes, padded with zeros at their ends as dlib's ``add_prev`` does."""

    @override
    def call(self, maps: Any) -> Any:
        sizes = [max(one.shape[axis] for one in maps) for axis in (1, 2, 3)]
        first, second = (
            ops.pad(one, [(0, 0), *((0, size - has) for size, has in zip(sizes, one.shape[1:], strict=True))])
            for one in maps
        )
        return first + second


def dlib_shaped(dtype: str = "float32") -> keras.Model:
    """Build dlib's architecture for niteru's crops, with batch normalisation instead of dlib's affine layers.

    Returns:
        Model from RGB in 0–255, shape (batch, 168, 168, 3), to float32 unit vectors (batch, 128).
    """
    inputs = keras.Input((SIDE, SIDE, 3), name="face")
    x = layers.Cropping2D(((_ABOVE, 0), (_BESIDE, _BESIDE)), dtype=dtype)(inputs)
    x = layers.Rescaling(1 / _SCALE, offset=[-mean / _SCALE for mean in _MEAN], dtype=dtype)(x)
    x = layers.ZeroPadding2D(((0, _BELOW), (0, 0)), dtype=dtype)(x)
    x = layers.ReLU(dtype=dtype)(_convolution(x, 32, 7, 2, "stem", dtype))
    x = layers.MaxPooling2D(3, 2, dtype=dtype)(x)
    for level, (filters, blocks) in enumerate(LEVELS, start=1):
        for block in range(1, blocks + 1):
            halved = level > 1 and block == 1
            x = _block(x, filters, halved, f"level{level}_block{block}", dtype)
    x = layers.GlobalAveragePooling2D(dtype=dtype)(x)
    decay = regularizers.L2(WEIGHT_DECAY)
    x = layers.Dense(DIMENSION, use_bias=False, kernel_regularizer=decay, name="vector", dtype=dtype)(x)
    x = layers.BatchNormalization(epsilon=_EPSILON, name="vector_norm", dtype=dtype)(x)
    return keras.Model(inputs, unit_vectors(x), name="niteru")


def inherited_network() -> keras.Model:
    """Build dlib's network, which gives the same vectors as dlib itself.

    dlib's file holds affine layers, which batch normalisation became when its training ended, so the normalisation here
    only multiplies and adds.

    Raises:
        ExtraMissing: dlib's files are not installed.
    """
    network = dlib_shaped()
    inherited = iter(read_layers(models_folder() / NETWORK))
    affine = {layer.name: _take(layer, inherited) for layer in network.layers if isinstance(layer, layers.Conv2D)}
    network.get_layer("vector").set_weights([next(inherited).reshape(-1, DIMENSION)])
    affine["vector"] = (np.ones(DIMENSION, np.float32), np.zeros(DIMENSION, np.float32))
    for name, (factor, offset) in affine.items():
        still = np.zeros_like(factor)
        network.get_layer(f"{name}_norm").set_weights([factor, offset, still, still + 1 - _EPSILON])
    return network


def _convolution(x: Any, filters: int, size: int, strides: int, name: str, dtype: str) -> Any:
    # dlib pads only those convolutions that keep the size of the map.
    padding = "same" if strides == 1 else "valid"
    decay = regularizers.L2(WEIGHT_DECAY)
    x = layers.Conv2D(
        filters, size, strides, padding, use_bias=False, kernel_regularizer=decay, name=name, dtype=dtype
    )(x)
    return layers.BatchNormalization(epsilon=_EPSILON, name=f"{name}_norm", dtype=dtype)(x)


def _block(x: Any, filters: int, halved: bool, name: str, dtype: str) -> Any:
    y = layers.ReLU(dtype=dtype)(_convolution(x, filters, 3, 2 if halved else 1, f"{name}_a", dtype))
    y = _convolution(y, filters, 3, 1, f"{name}_b", dtype)
    if halved:
        x = layers.AveragePooling2D(2, 2, dtype=dtype)(x)
    return layers.ReLU(dtype=dtype)(WidenedAdd(dtype=dtype)([y, x]))


def _take(layer: keras.Layer, inherited: Iterator[NDArray[np.float32]]) -> Any:
    """Give a convolution its filters; returns factor and offset of the affine layer after it."""
    parameters, affine = next(inherited), next(inherited)
    height, width, channels, filters = layer.kernel.shape
    kernel = parameters[:-filters].reshape(filters, channels, height, width).transpose(2, 3, 1, 0)
    layer.set_weights([kernel])
    factor, offset = affine[:filters], affine[filters:] + affine[:filters] * parameters[-filters:]
    return factor, offset
