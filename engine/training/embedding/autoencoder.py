"""Unsupervised pretraining, one level of the network at a time."""

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
    """A network with a decoder that draws its picture again from what one level of it sees.

    The levels below stand still, as in Bengio et al., "Greedy Layer-Wise Training of Deep Networks", 2006. The picture
    is asked for at the size at which it enters the level: deeper ones are not blamed for detail that is gone.

    Args:
        network: the embedding network.
        level: from 1 (the first convolution) to :data:`LEVELS`.

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
    """What the decoder of a level should draw.

    Args:
        faces: 0–255, shape (batch, side, side, 3).
        level: from 1.

    Returns:
        -1 to 1, shape (batch, side / 2^(level - 1), …, 3).
    """
    factor = 2 ** (level - 1)
    count, side = len(faces), faces.shape[1] // factor
    small = faces.reshape(count, side, factor, side, factor, 3).mean(axis=(2, 4))
    return np.asarray(small / 127.5 - 1.0, np.float32)


def _level_of(name: str) -> int:
    """Level that a named layer begins or belongs to; 0 for those that take after the layer before them."""
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
