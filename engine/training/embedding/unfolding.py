"""Reconstruction of a trainable network from the weights of a model folder.

The converter folds batch normalisation into the convolutions before it, so a model's file holds only kernels and
biases. They go back into a network without normalisation, or into one whose normalisation does nothing but add the
biases; it must stay frozen.
"""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from niteru.engine.embedding.embedder import Embedder, ModelInfo
from niteru.engine.embedding.reference import reference_crops
from niteru.engine.networks.model_folder import ModelUnusable, checked_weights, read_info
from niteru.engine.training.embedding.export import LEAST_PARITY, parity_of
from niteru.engine.training.embedding.folded import Folded, read_folded
from niteru.engine.training.embedding.inherited import SIDE, dlib_shaped
from niteru.engine.training.embedding.mobilefacenet import built_of
from niteru.engine.training.embedding.network import hold_norms
from niteru.engine.training.embedding.residual import WIDTHS, residual_network


def unfolded(folder: Path) -> keras.Model:
    """Rebuild the network of a model folder, with its batch normalisation frozen.

    Raises:
        ModelUnusable: the model is not one of niteru's own networks.
    """
    info = read_info(folder, ModelInfo)
    try:
        found = read_folded(checked_weights(folder, info))
        depthwise = any(layer.depthwise for layer in found)
        network = built_of(found, info.name) if depthwise else _normed(info, found)
    except (ValueError, IndexError, KeyError) as error:
        raise ModelUnusable(f"{folder}: only niteru's own networks can be trained further ({error})") from None
    parity = parity_of(network, Embedder(folder), reference_crops()[0])
    if parity < LEAST_PARITY:
        raise ModelUnusable(f"{info.name}: the network cannot be rebuilt from its file (cosine {parity:.4f})")
    hold_norms(network)
    return network


def _normed(info: ModelInfo, found: list[Folded]) -> keras.Model:
    network = dlib_shaped() if info.side == SIDE else _residual(info, found)
    names = [layer.name for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]
    for name, folded in zip([*names, "vector"], found, strict=True):
        layer, norm = network.get_layer(name), network.get_layer(f"{name}_norm")
        layer.set_weights([folded.kernel.reshape(layer.kernel.shape)])
        ones = np.ones_like(folded.bias)
        factor = [ones] if norm.scale else []
        norm.set_weights([*factor, folded.bias, 0 * ones, ones - norm.epsilon])
    return network


def _residual(info: ModelInfo, found: list[Folded]) -> keras.Model:
    widths = [folded.kernel.shape[-1] for folded in found[:-1]]
    blocks = tuple((widths.count(width) - 1) // 2 for width in WIDTHS[1:])
    return residual_network(info.side, blocks, info.dimension)
