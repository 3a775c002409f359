"""What every embedding network here has: a unit vector at its end, and a mirror."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

DIMENSION = 128
WEIGHT_DECAY = 1e-4
EMBEDDING = "embedding"
"""Name of the layer that gives the vectors, whatever a training hangs beside it."""
PLAIN = "plain"
"""Name of networks that serve without the mirror average."""
_TAIL = "float_vector"
"""Name of the layer from which on everything is float32, whatever type the layers before it have."""


@keras.saving.register_keras_serializable("niteru")
class UnitNorm(layers.Layer):
    """Divide each row by its length: ``x / sqrt(sum(x²) + 1e-12)``."""

    def call(self, inputs: Any) -> Any:
        """Rows of length 1, same shape as ``inputs`` (batch, dimension)."""
        return inputs * ops.rsqrt(ops.sum(ops.square(inputs), axis=-1, keepdims=True) + 1e-12)


@keras.saving.register_keras_serializable("niteru")
class FlipAverage(layers.Layer):
    """The mean embedding of a face and its mirror image, as one unit vector.

    A mirrored face is the same person; averaging both costs twice the time and removes what the network reads from
    the side a person was photographed from. Both go through the network as one batch, which is a tenth quicker.
    """

    def __init__(self, network: keras.Model, **options: Any) -> None:
        """Wrap ``network``, which maps (batch, side, side, 3) to (batch, dimension)."""
        super().__init__(**options)
        self.network = network
        self.norm = UnitNorm()

    def call(self, inputs: Any) -> Any:
        """Unit vectors, shape (batch, dimension)."""
        both = ops.concatenate([inputs, ops.flip(inputs, axis=2)])
        faces, mirrored = ops.split(self.network(both, training=False), 2)
        return self.norm(faces + mirrored)


def served(network: keras.Model) -> keras.Model:
    """The network as it serves: the average of a face and its mirror image, or, of a plain one, itself.

    A :data:`PLAIN` network that was taught such averages gives nearly the same from one look, in half the
    time.
    """
    if network.name == PLAIN:
        return network
    face = keras.Input(network.input_shape[1:], name="face")
    return keras.Model(face, FlipAverage(network)(face))


def network_in(model: keras.Model) -> keras.Model:
    """The embedding network inside a model that a training hung other things on."""
    return keras.Model(model.input, model.get_layer(EMBEDDING).output, name=model.name)


def hold_norms(network: keras.Model) -> None:
    """Let every batch normalisation stand still: it has no statistics of its own."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False


def unit_vectors(x: Any) -> Any:
    """The end of a network: rows of length 1, in float32."""
    x = layers.Activation("linear", dtype="float32", name=_TAIL)(x)
    return UnitNorm(name=EMBEDDING, dtype="float32")(x)


def retyped(network: keras.Model, dtype: str) -> keras.Model:
    """The same network and weights, its layers of another Keras policy, such as ``mixed_bfloat16``; all can move."""

    def again(layer: keras.Layer) -> keras.Layer:
        pinned = layer.name in (_TAIL, EMBEDDING)
        config = layer.get_config() | {"dtype": "float32" if pinned else dtype, "trainable": True}
        return type(layer).from_config(config)

    copy = keras.models.clone_model(network, clone_function=again)
    copy.set_weights(network.get_weights())
    return copy
