"""The embedding network: residual, 64×64 faces to 128-d unit vectors."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops, regularizers

DIMENSION = 128
WIDTHS = (32, 64, 128, 256)
BLOCKS = (1, 1, 1)
WEIGHT_DECAY = 1e-4
EMBEDDING = "embedding"
"""Name of the layer that gives the vectors, whatever a training hangs beside it."""
QUIET = 0.1
"""Scale of a block that is added to a trained network: nearly nothing, but not so little that it cannot learn."""


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


def embedding_network(
    side: int = 64, blocks: tuple[int, ...] = BLOCKS, dimension: int = DIMENSION, dtype: str = "float32"
) -> keras.Model:
    """A plain residual network after He et al., 2015 (https://arxiv.org/abs/1512.03385).

    Full convolutions, because depthwise ones train and run slower than their operation count promises on a CPU;
    batch normalisation before the unit norm (as ArcFace), which keeps early gradients alive.

    Args:
        side: input side in pixels.
        blocks: residual blocks of each stage after the first convolution.
        dimension: length of the vectors.
        dtype: Keras policy of the layers, ``mixed_bfloat16`` to train faster where the processor can.

    Returns:
        Model from RGB in 0–255, shape (batch, side, side, 3), to float32 unit vectors (batch, dimension).
    """
    inputs = keras.Input((side, side, 3), name="face")
    x = layers.Rescaling(1 / 127.5, offset=-1.0, dtype=dtype)(inputs)
    x = _convolution(x, WIDTHS[0], 2, "stem", dtype)
    for stage, (width, count) in enumerate(zip(WIDTHS[1:], blocks, strict=True), start=1):
        x = _convolution(x, width, 2, f"stage{stage}", dtype)
        for block in range(1, count + 1):
            x = _residual_block(x, width, f"stage{stage}_block{block}", dtype)
    x = layers.Flatten(dtype=dtype)(x)
    decay = regularizers.L2(WEIGHT_DECAY)
    x = layers.Dense(dimension, use_bias=False, kernel_regularizer=decay, name="vector", dtype=dtype)(x)
    x = layers.BatchNormalization(scale=False, name="vector_norm", dtype=dtype)(x)
    x = layers.Activation("linear", dtype="float32")(x)
    return keras.Model(inputs, UnitNorm(name=EMBEDDING, dtype="float32")(x), name="niteru")


def network_in(model: keras.Model) -> keras.Model:
    """The embedding network inside a model that a training hung other things on."""
    return keras.Model(model.input, model.get_layer(EMBEDDING).output, name="niteru")


def blocks_of(network: keras.Model) -> tuple[int, ...]:
    """Residual blocks of each stage of an embedding network."""
    names = [layer.name for layer in network.layers if layer.name.endswith("_b")]
    return tuple(sum(name.startswith(f"stage{stage}_") for name in names) for stage in range(1, len(WIDTHS)))


def rebuilt(before: keras.Model, blocks: tuple[int, ...], dtype: str = "float32") -> keras.Model:
    """The same network in another number type, or deeper: what was learned stays, new blocks start quiet.

    Growing a trained network by blocks that change almost nothing keeps its work, as in Chen, Goodfellow, Shlens,
    "Net2Net", 2015, https://arxiv.org/abs/1511.05641.

    Args:
        before: a trained embedding network.
        blocks: residual blocks of each stage, none fewer than before.
        dtype: Keras policy of the layers.
    """
    network = embedding_network(before.input_shape[1], blocks, before.output_shape[-1], dtype)
    known = {layer.name: layer for layer in before.layers}
    for layer in network.layers:
        if not layer.weights:
            continue
        if layer.name in known:
            layer.set_weights(known[layer.name].get_weights())
        elif layer.name.endswith("_b_norm"):
            scale, *others = layer.get_weights()
            layer.set_weights([scale * QUIET, *others])
    return network


def _convolution(x: Any, width: int, strides: int, name: str, dtype: str) -> Any:
    decay = regularizers.L2(WEIGHT_DECAY)
    x = layers.Conv2D(
        width, 3, strides, padding="same", use_bias=False, kernel_regularizer=decay, name=name, dtype=dtype
    )(x)
    return layers.ReLU(dtype=dtype)(layers.BatchNormalization(name=f"{name}_norm", dtype=dtype)(x))


def _residual_block(x: Any, width: int, name: str, dtype: str) -> Any:
    inner = _convolution(x, width, 1, f"{name}_a", dtype)
    return layers.Add(dtype=dtype)([x, _convolution(inner, width, 1, f"{name}_b", dtype)])
