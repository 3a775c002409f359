"""The residual network for 64×64 faces that is trained from scratch."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, regularizers

from niteru.engine.training.embedding.network import DIMENSION, WEIGHT_DECAY, unit_vectors

WIDTHS = (32, 64, 128, 256)
BLOCKS = (1, 1, 1)
QUIET = 0.1
"""Scale of a block that is added to a trained network: nearly nothing, but enough for it to learn."""


def residual_network(
    side: int = 64, blocks: tuple[int, ...] = BLOCKS, dimension: int = DIMENSION, dtype: str = "float32"
) -> keras.Model:
    """Build a residual network after He et al., 2015 (https://arxiv.org/abs/1512.03385).

    Its convolutions are full ones, because on a CPU depthwise ones train and run more slowly than their number of
    operations promises; batch normalisation before the unit norm (as in ArcFace) keeps early gradients alive.

    Args:
        side: input side in pixels.
        blocks: residual blocks of each stage after the first convolution.
        dimension: length of the vectors.
        dtype: Keras policy of the layers; ``mixed_bfloat16`` is faster on processors that support it.

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
    return keras.Model(inputs, unit_vectors(x), name="niteru")


def blocks_of(network: keras.Model) -> tuple[int, ...]:
    """Residual blocks of each stage of an embedding network."""
    names = [layer.name for layer in network.layers if layer.name.endswith("_b")]
    return tuple(sum(name.startswith(f"stage{stage}_") for name in names) for stage in range(1, len(WIDTHS)))


def grown(before: keras.Model, blocks: tuple[int, ...], dtype: str = "float32") -> keras.Model:
    """Deepen a trained network by residual blocks that change almost nothing at first.

    So nothing that it has learnt is lost, as in Chen, Goodfellow, Shlens, "Net2Net", 2015,
    https://arxiv.org/abs/1511.05641.

    Args:
        before: a trained residual network.
        blocks: residual blocks of each stage, none fewer than before.
        dtype: Keras policy of the layers.
    """
    network = residual_network(before.input_shape[1], blocks, before.output_shape[-1], dtype)
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
