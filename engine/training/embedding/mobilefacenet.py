"""MobileFaceNet, a face network for phones from which training can start instead of from scratch.

MobileFaceNet (Chen et al., 2018, https://arxiv.org/abs/1804.07573) comes in a package for phones: 112×112 pixels, 192
numbers, 5 MB. Its weights were learnt on MS-Celeb-1M, five million photographs of 90,000 people; that set was
withdrawn, and was never free for commercial use. So models that start from it are for research and evaluation only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers, regularizers
from numpy.typing import NDArray

from niteru.engine.embedding.embedder import ModelInfo
from niteru.engine.networks.model_folder import ModelUnusable, checked_weights, read_info
from niteru.engine.training.embedding.folded import Folded, read_folded
from niteru.engine.training.embedding.network import DIMENSION, MEAN_BACK, MEAN_OFF, PLAIN, WEIGHT_DECAY, unit_vectors

SIDE, WINDOW = 112, 112
LEVELS = ((128, 64, 128, 4), (256, 128, 256, 6), (512, 128, 256, 2))
"""Numbers of each level: filters inside its first block, which halves the map; filters of its output; filters inside
its other blocks; and how many those are."""
BOUNDARY = "level3_block0_c"
"""Last layer of the frozen lower part, whose map of 7×7×128 is stored for each face."""
TRAINED = ("level3_block1", "level3_block2", "top")
"""Beginnings of the names of the layers above it."""
_MEAN, _SCALE = 127.5, 128.0
_EPSILON = 1e-5
_BATCH = 64


def mobilefacenet(dimension: int = DIMENSION, normed: tuple[str, ...] = (), dtype: str = "float32") -> keras.Model:
    """Build the architecture.

    Args:
        dimension: length of the vectors.
        normed: beginnings of the names of convolutions with batch normalisation; the others have a bias.
        dtype: Keras policy of the layers.

    Returns:
        Model from RGB in 0–255, shape (batch, 112, 112, 3), to float32 unit vectors (batch, dimension).

    Example:
        >>> network = mobilefacenet(dimension=64)
        >>> network.output_shape
        (None, 64)
        >>> lower, upper = split(network)
        >>> lower.output_shape == upper.input_shape == (None, 7, 7, 128)
        True
    """
    part = _Part(normed, dtype)
    inputs = keras.Input((SIDE, SIDE, 3), name="face")
    x = layers.Rescaling(1 / _SCALE, offset=-_MEAN / _SCALE, dtype=dtype)(inputs)
    x = part.prelu(part.convolution(x, 64, 3, 2, "stem_a"), "stem_a")
    x = part.prelu(part.depthwise(x, 3, 1, "stem_b"), "stem_b")
    for level, (first, filters, inside, blocks) in enumerate(LEVELS, start=1):
        x = part.block(x, first, filters, f"level{level}_block0", halved=True)
        for block in range(1, blocks + 1):
            x = part.block(x, inside, filters, f"level{level}_block{block}")
    x = part.prelu(part.convolution(x, 512, 1, 1, "top_a"), "top_a")
    x = part.depthwise(x, 7, 1, "top_b", "valid")
    x = layers.Flatten(dtype=dtype)(x)
    x = layers.Dense(dimension, name="vector", kernel_regularizer=regularizers.L2(WEIGHT_DECAY), dtype=dtype)(x)
    return keras.Model(inputs, unit_vectors(x), name=PLAIN)


@dataclass(frozen=True, slots=True)
class _Part:
    normed: tuple[str, ...]
    dtype: str

    def convolution(self, x: Any, filters: int, size: int, strides: int, name: str) -> Any:
        norm = name.startswith(self.normed) if self.normed else False
        decay = regularizers.L2(WEIGHT_DECAY)
        x = layers.Conv2D(
            filters, size, strides, "same", use_bias=not norm, kernel_regularizer=decay, name=name, dtype=self.dtype
        )(x)
        return self._normed(x, name) if norm else x

    def depthwise(self, x: Any, size: int, strides: int, name: str, padding: str = "same") -> Any:
        norm = name.startswith(self.normed) if self.normed else False
        x = layers.DepthwiseConv2D(size, strides, padding, use_bias=not norm, name=name, dtype=self.dtype)(x)
        return self._normed(x, name) if norm else x

    def _normed(self, x: Any, name: str) -> Any:
        return layers.BatchNormalization(epsilon=_EPSILON, name=f"{name}_norm", dtype=self.dtype)(x)

    def prelu(self, x: Any, name: str) -> Any:
        return layers.PReLU(shared_axes=[1, 2], name=f"{name}_prelu", dtype=self.dtype)(x)

    def block(self, x: Any, inside: int, filters: int, name: str, halved: bool = False) -> Any:
        y = self.prelu(self.convolution(x, inside, 1, 1, f"{name}_a"), f"{name}_a")
        y = self.prelu(self.depthwise(y, 3, 2 if halved else 1, f"{name}_b"), f"{name}_b")
        y = self.convolution(y, filters, 1, 1, f"{name}_c")
        return y if halved else layers.Add(name=name, dtype=self.dtype)([x, y])


def started_from(model: Path) -> keras.Model:
    """Rebuild the network of a model folder for further training; it gives the same vectors.

    Args:
        model: folder of a model that is a MobileFaceNet, such as ``niteru model add MobileFaceNet.tflite`` makes.

    Returns:
        The network without batch normalisation, which its file has folded away; see :func:`with_norms`.

    Raises:
        ModelUnusable: the model is not a MobileFaceNet.
    """
    info = read_info(model, ModelInfo)
    weights = checked_weights(model, info)
    if weights.suffix != ".tflite" or (info.side, info.window, info.colour) != (SIDE, WINDOW, "rgb"):
        raise ModelUnusable(f"{info.name} is not a MobileFaceNet of {SIDE}×{SIDE} RGB pixels in a .tflite file")
    return built_of(read_folded(weights), info.name)


def built_of(found: list[Folded], name: str) -> keras.Model:
    """Build the network with the weights of a file.

    Raises:
        ModelUnusable: the number or the shapes of the weights are not those of a MobileFaceNet.
    """
    inherited = _merged(found)
    expected = sum(3 * (blocks + 1) for *_, blocks in LEVELS) + 5
    if len(inherited) != expected:
        raise ModelUnusable(f"{name} has {len(inherited)} layers; a MobileFaceNet has {expected}")
    network = mobilefacenet(inherited[-1].kernel.shape[3])
    try:
        for layer, has in zip(_convolutions(network), inherited, strict=True):
            layer.set_weights([has.kernel.reshape(layer.kernel.shape), has.bias])
            if has.slopes is not None:
                network.get_layer(f"{layer.name}_prelu").set_weights([has.slopes.reshape(1, 1, -1)])
    except ValueError as error:
        raise ModelUnusable(f"{name} is not a MobileFaceNet ({error})") from None
    return network


def _merged(found: list[Folded]) -> list[Folded]:
    """Combine linear layers with the layer right after them; those before a sum stay."""
    merged: list[Folded] = []
    for place, layer in enumerate(found):
        near_the_ends = place < 4 or place == len(found) - 1
        if merged and near_the_ends and merged[-1].linear and layer.kernel.shape[:2] == (1, 1):
            merged[-1] = merged[-1].then(layer)
        else:
            merged.append(layer)
    return merged


def with_norms(plain: keras.Model, normed: tuple[str, ...], faces: NDArray[np.float32]) -> keras.Model:
    """Replace some biases of a network by batch normalisation; it gives the same vectors.

    Filters are scaled to length 1, as they were before the normalisation was folded away: a training step turns a long
    filter less than a short one.
    """
    network = mobilefacenet(plain.output_shape[1], normed)
    names = [layer.name for layer in _convolutions(plain) if layer.name.startswith(normed)]
    statistics = _statistics(plain, names, faces)
    for layer in network.layers:
        if layer.name not in names:
            if layer.weights and not layer.name.endswith("_norm"):
                layer.set_weights(plain.get_layer(layer.name).get_weights())
            continue
        kernel, bias = plain.get_layer(layer.name).get_weights()
        axes = (0, 1, 3) if isinstance(layer, layers.DepthwiseConv2D) else (0, 1, 2)
        length = np.sqrt((kernel**2).sum(axis=axes)) + 1e-12
        layer.set_weights([kernel / (length[:, None] if axes == (0, 1, 3) else length)])
        mean, variance = statistics[layer.name]
        # The normalisation sees the values of filters of length 1 without a bias.
        norm = [np.sqrt(variance + _EPSILON * length**2), mean, (mean - bias) / length, variance / length**2]
        network.get_layer(f"{layer.name}_norm").set_weights([part.astype(np.float32) for part in norm])
    return network


def split(network: keras.Model) -> tuple[keras.Model, keras.Model]:
    """Split a network into its lower part, from pictures to maps, and its upper part, from maps to vectors."""
    middle = network.get_layer(BOUNDARY).output
    part = keras.Model(middle, network.output, name="upper")
    # The part shares its layers with the whole network; a copy has layers of its own.
    upper = keras.models.clone_model(part)
    upper.set_weights(part.get_weights())
    return keras.Model(network.input, middle, name="lower"), upper


def joined(lower: keras.Model, upper: keras.Model) -> keras.Model:
    """Join both parts into one network, in float32."""
    normed = tuple(layer.name.removesuffix("_norm") for layer in upper.layers if layer.name.endswith("_norm"))
    network = mobilefacenet(upper.output_shape[1], normed)
    below = {layer.name for layer in lower.layers}
    for layer in network.layers:
        if layer.weights:
            layer.set_weights((lower if layer.name in below else upper).get_layer(layer.name).get_weights())
    return network


def centred(upper: keras.Model, maps: Iterable[NDArray[np.float32]], dimension: int) -> keras.Model:
    """Subtract :data:`MEAN_OFF` of some faces' mean from the vectors of an upper part, and keep their principal axes.

    The subtraction alone tells people of groups that were few in the training data apart twice as well.

    Args:
        upper: the upper part, from :func:`split`.
        maps: its input for the faces, in blocks.
        dimension: number of axes to keep, the longest first.
    """
    layer = upper.get_layer("vector")
    kernel, bias = layer.get_weights()
    flat = keras.Model(upper.input, layer.input)
    seen = np.concatenate([keras.ops.convert_to_numpy(flat(block, training=False)) for block in maps])
    vectors = (seen @ kernel + bias).astype(np.float64)
    middle = MEAN_OFF * vectors.mean(axis=0)
    unit = (vectors - middle) / np.linalg.norm(vectors - middle, axis=1, keepdims=True)
    axes = np.linalg.eigh(unit.T @ unit)[1][:, ::-1][:, :dimension]
    decay = regularizers.L2(WEIGHT_DECAY)
    shorter = layers.Dense(dimension, name="vector", kernel_regularizer=decay, dtype=layer.dtype_policy)
    network = keras.Model(upper.input, unit_vectors(shorter(flat.output)), name=upper.name)
    shorter.set_weights([(kernel @ axes).astype(np.float32), ((bias - middle) @ axes).astype(np.float32)])
    return network


def put_mean_back(trained: keras.Model, start: keras.Model, maps: Iterable[NDArray[np.float32]]) -> None:
    """Add :data:`MEAN_BACK` of the mean of an upper part's vectors before its training to those after, in place.

    Args:
        trained: the upper part after its training.
        start: the same before, from :func:`centred`.
        maps: inputs for some faces, in blocks.
    """
    parts = [keras.Model(part.input, part.get_layer("vector").output) for part in (start, trained)]
    seen = [[keras.ops.convert_to_numpy(part(block, training=False)) for part in parts] for block in maps]
    before, after = (np.concatenate(blocks).astype(np.float64) for blocks in zip(*seen, strict=True))
    longer = np.linalg.norm(after, axis=1).mean() / np.linalg.norm(before, axis=1).mean()
    layer = trained.get_layer("vector")
    kernel, bias = layer.get_weights()
    layer.set_weights([kernel, (bias + MEAN_BACK * longer * before.mean(axis=0)).astype(np.float32)])


def _convolutions(network: keras.Model) -> Iterator[keras.Layer]:
    kinds = (layers.Conv2D, layers.DepthwiseConv2D, layers.Dense)
    return (layer for layer in network.layers if isinstance(layer, kinds))


def _statistics(network: keras.Model, names: list[str], faces: NDArray[np.float32]) -> dict[str, Any]:
    """Mean and variance of each layer's output, float64 (filters,)."""
    probe = keras.Model(network.input, {name: network.get_layer(name).output for name in names})
    sums = dict.fromkeys(names, (0, 0.0, 0.0))
    for start in range(0, len(faces), _BATCH):
        for name, values in probe(faces[start : start + _BATCH], training=False).items():
            seen = keras.ops.convert_to_numpy(values).astype(np.float64)
            rows = seen.reshape(-1, seen.shape[-1])
            count, total, squares = sums[name]
            sums[name] = (count + len(rows), total + rows.sum(axis=0), squares + (rows**2).sum(axis=0))
    means = {name: total / count for name, (count, total, _) in sums.items()}
    return {name: (means[name], squares / count - means[name] ** 2) for name, (count, _, squares) in sums.items()}
