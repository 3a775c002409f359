"""Parts that all embedding networks share: the unit vector at the end, and the average with the mirror image."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops
from typing_extensions import override

DIMENSION = 128
WEIGHT_DECAY = 1e-4
EMBEDDING = "embedding"
"""Name of the layer whose output is the vectors, whatever other outputs a training adds."""
MEAN_OFF = 0.6
"""Share of the training faces' mean vector that is subtracted from vectors.

What all faces have in common says nothing about anybody; and faces of groups that were few in the training data have
much in common. All of the mean off, such groups are told apart best, and well-known ones a little worse than before;
with a little more than half of it, nearly all of the first is gained and nothing of the second lost (docs/training.md).
"""
MEAN_BACK = 0.8
"""Share of the rest of the mean, which was not subtracted before the training, that is added to the vectors after it.

Strangers have that rest in common, so training takes it off, too. Faces of groups that were many in the training data
lose a little by that; with some of it added again they do not, and the others keep most of what they gained.
"""
PLAIN = "plain"
"""Name of networks that are exported without the average with the mirror image."""
_TAIL = "float_vector"
"""Name of the layer from which everything is float32, whatever the type of the layers before it."""


@keras.saving.register_keras_serializable("niteru")
class UnitNorm(layers.Layer):
    """Layer that divides each row by its length: ``x / sqrt(sum(x²) + 1e-12)``."""

    @override
    def call(self, inputs: Any) -> Any:
        return inputs * ops.rsqrt(ops.sum(ops.square(inputs), axis=-1, keepdims=True) + 1e-12)


@keras.saving.register_keras_serializable("niteru")
class FlipAverage(layers.Layer):
    """Layer that averages the vectors of a face and its mirror image into one unit vector.

    A mirrored face is the same person; averaging both costs twice the time and cancels what the network reads from
    the side that a person was photographed from. Both go through the network as one batch, which is a tenth faster.

    Args:
        network: model from (batch, side, side, 3) to (batch, dimension).
    """

    def __init__(self, network: keras.Model, **options: Any) -> None:
        super().__init__(**options)
        self.network = network
        self.norm = UnitNorm()

    @override
    def call(self, inputs: Any) -> Any:
        both = ops.concatenate([inputs, ops.flip(inputs, axis=2)])
        faces, mirrored = ops.split(self.network(both, training=False), 2)
        return self.norm(faces + mirrored)


def served(network: keras.Model) -> keras.Model:
    """Put a network into the form that is exported: averaged with the mirror image, or, if plain, as it is.

    A :data:`PLAIN` network that was taught such averages gives nearly the same from one picture, in half the time.
    """
    if network.name == PLAIN:
        return network
    face = keras.Input(network.input_shape[1:], name="face")
    return keras.Model(face, FlipAverage(network)(face))


def network_in(model: keras.Model) -> keras.Model:
    """Extract the embedding network from a model to which a training added other outputs."""
    return keras.Model(model.input, model.get_layer(EMBEDDING).output, name=model.name)


def hold_norms(network: keras.Model) -> None:
    """Freeze every batch normalisation, which has no statistics of its own."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False


def unit_vectors(x: Any) -> Any:
    """End a network with rows of length 1, in float32."""
    x = layers.Activation("linear", dtype="float32", name=_TAIL)(x)
    return UnitNorm(name=EMBEDDING, dtype="float32")(x)


def retyped(network: keras.Model, dtype: str) -> keras.Model:
    """Copy a network with another Keras policy, such as ``mixed_bfloat16``; all its layers are trainable."""

    def again(layer: keras.Layer) -> keras.Layer:
        pinned = layer.name in (_TAIL, EMBEDDING)
        config = layer.get_config() | {"dtype": "float32" if pinned else dtype, "trainable": True}
        return type(layer).from_config(config)

    copy = keras.models.clone_model(network, clone_function=again)
    copy.set_weights(network.get_weights())
    return copy
