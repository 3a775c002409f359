"""Unsupervised pretraining with autoencoders, one level of the network at a time."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from niteru.engine.training.embedding.network import EMBEDDING
from niteru.engine.training.embedding.residual import WIDTHS

LEVELS = len(WIDTHS)


def autoencoder(network: keras.Model, level: int) -> keras.Model:
    """Add a decoder that reconstructs the picture from the output of one level of a network.

    The levels below are frozen, as in Bengio et al., "Greedy Layer-Wise Training of Deep Networks", 2006. The picture
    is reconstructed at the size at which it enters the level, so that deeper levels need not restore lost detail.

    Args:
        network: the embedding network.
        level: number of the level, from 1 (the first convolution) to :data:`LEVELS`.

    Returns:
        Model with the outputs ``autoencoder`` (batch, s, s, 3), s = side / 2^(level - 1), and ``embedding``.
    """
    trained = False
    for layer in network.layers:
        trained = _level_of(layer.name) == level if _level_of(layer.name) else trained
        layer.trainable = trained
    top = _last_of(network, level)
    drawn = layers.Conv2DTranspose(32, 4, 2, padding="same", activation="relu", name="decoder")(top)
    drawn = layers.Conv2D(3, 3, padding="same", name="drawing")(drawn)
    drawn = layers.Activation("linear", dtype="float32")(drawn)
    return keras.Model(network.input, {"autoencoder": drawn, EMBEDDING: network.output})


def pictures(faces: NDArray[np.float32], level: int) -> NDArray[np.float32]:
    """The pictures that the decoder of a level should reconstruct.

    Args:
        faces: values from 0 to 255, shape (batch, side, side, 3).
        level: number of the level, from 1.

    Returns:
        Values from -1 to 1, shape (batch, side / 2^(level - 1), …, 3).
    """
    factor = 2 ** (level - 1)
    count, side = len(faces), faces.shape[1] // factor
    small = faces.reshape(count, side, factor, side, factor, 3).mean(axis=(2, 4))
    return np.asarray(small / 127.5 - 1.0, np.float32)


def _level_of(name: str) -> int:
    """Level that a layer belongs to, by its name; 0 for one that belongs to the level of the layer before it."""
    if name.startswith("stem"):
        return 1
    if name.startswith("stage"):
        return int(name[5]) + 1
    return LEVELS + 1 if name.startswith("vector") else 0


def _last_of(network: keras.Model, level: int) -> Any:
    after = next(i for i, layer in enumerate(network.layers) if _level_of(layer.name) == level + 1)
    while network.layers[after - 1].name.startswith("flatten"):
        after -= 1
    return network.layers[after - 1].output
