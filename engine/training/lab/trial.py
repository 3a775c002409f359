"""An early kind of classifier: its layers in one line of words, its training, and the network that they mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import keras
from typing_extensions import override

from niteru.engine.training.precision import fastest_policy

THEIRS_28 = "conv32x5 pool conv64x5 pool dense1024 drop0.5"
"""The network of the first TensorFlow tutorial, which the first classifiers of idols used."""
THEIRS_96 = "conv32x3 pool conv48x3 pool conv72x3 pool conv108x3 pool dense1024 dense256"
"""The network of the experiment with forty idols."""

_WORD = re.compile(r"(conv|pool|dense|drop|norm)([\d.]*)(?:x(\d+))?(?:/(\d+))?")


@dataclass(frozen=True, slots=True)
class Trial:
    """A classifier and its training.

    Attributes:
        layers: layers in words: ``conv32x5`` (32 filters of 5×5; with ``/4`` a stride of 4), ``pool`` (halves the size;
            ``pool3`` takes the maximum of 3×3), ``dense1024``, ``drop0.5``, ``norm``; a layer with a value for each
            class is added at the end.
        side: side of the pictures in pixels, scaled down from 112.
        shift: pixels of the 112 that are cut off, at random places in training, else around the middle.
        grey: whether pictures have one channel instead of three.
        distort: whether brightness, contrast, colours and sides vary at random in training.
        loss: ``softmax`` is computed from logits and is the mean of a batch; ``naive`` is the sum of −y·log(softmax),
            as in the first tutorials, and ``naive-mean`` its mean.
        optimizer: ``adam``, ``sgd`` or ``nesterov`` (momentum .9).
        rate: learning rate.
        fading: whether the rate falls exponentially to a hundredth.
        clip: largest length of the gradient; 0 for no limit.
        l2, l1: penalties on the kernels of convolutions and dense layers.
        bfloat16: whether all layers but the last compute in bfloat16 if the processor supports it, in half the time.
        activation, initializer: activation and initializer of the layers, by their names in Keras.
        batch, steps: pictures in a step, and number of steps.
        seed: seed of weights and batches.
    """

    layers: str = THEIRS_28
    side: int = 28
    shift: int = 0
    grey: bool = False
    distort: bool = False
    loss: Literal["softmax", "naive", "naive-mean"] = "softmax"
    optimizer: Literal["adam", "sgd", "nesterov"] = "adam"
    rate: float = 1e-3
    fading: bool = False
    clip: float = 0.0
    l2: float = 0.0
    l1: float = 0.0
    bfloat16: bool = False
    activation: str = "relu"
    initializer: str = "glorot_uniform"
    batch: int = 32
    steps: int = 400
    seed: int = 1

    @property
    def channels(self) -> int:
        """Number of channels of a picture."""
        return 1 if self.grey else 3

    def network(self, classes: int) -> keras.Model:
        """Build the network, from pictures, float32 (n, side, side, channels) from −1 to 1, to logits (n, classes)."""
        keras.utils.set_random_seed(self.seed)
        pictures = keras.Input((self.side, self.side, self.channels))
        values, flat = pictures, False
        for number, word in enumerate(self.layers.split()):
            kind = _parts(word)[0]
            if kind == "dense" and not flat:
                values, flat = keras.layers.Flatten(name="flat")(values), True
            values = self._layer(word, f"{number:02d}-{kind}")(values)
        values = values if flat else keras.layers.Flatten(name="flat")(values)
        logits = keras.layers.Dense(classes, kernel_initializer=self.initializer, dtype="float32", name="classes")(
            values
        )
        return keras.Model(pictures, logits)

    def _layer(self, word: str, name: str) -> keras.layers.Layer:
        kind, size, area, stride = _parts(word)
        options: dict[str, Any] = {
            "activation": self.activation,
            "kernel_initializer": self.initializer,
            "kernel_regularizer": keras.regularizers.L1L2(self.l1, self.l2) if self.l1 or self.l2 else None,
            "name": name,
            "dtype": fastest_policy() if self.bfloat16 else "float32",
        }
        match kind:
            case "conv":
                return keras.layers.Conv2D(int(size), area, stride, padding="same", **options)
            case "dense":
                return keras.layers.Dense(int(size), **options)
            case "pool":
                return keras.layers.MaxPooling2D(int(size or 2), 2, padding="same", name=name)
            case "drop":
                return keras.layers.Dropout(float(size), seed=self.seed, name=name)
            case _:
                return keras.layers.BatchNormalization(name=name)

    def compiled_loss(self, weights: Sequence[float] | None = None) -> Any:
        """Make the loss of class numbers and logits, with a weight for each class if given."""
        if self.loss != "softmax":
            return naive_loss if self.loss == "naive" else naive_mean_loss
        return WeightedLoss(None if weights is None else list(weights))

    def compiled_optimizer(self) -> keras.optimizers.Optimizer:
        """Make the optimizer."""
        rate = self.rate
        if self.fading:
            rate = keras.optimizers.schedules.ExponentialDecay(self.rate, self.steps, 0.01)
        clip = {"global_clipnorm": self.clip} if self.clip else {}
        if self.optimizer == "adam":
            return keras.optimizers.Adam(rate, **clip)
        nesterov = self.optimizer == "nesterov"
        return keras.optimizers.SGD(rate, momentum=0.9 if nesterov else 0.0, nesterov=nesterov, **clip)


def _parts(word: str) -> tuple[str, str, int, int]:
    parts = _WORD.fullmatch(word)
    if parts is None:
        raise ValueError(f"{word!r} is not a layer; layers are conv32x5, pool, dense1024, drop0.5, norm")
    return parts[1], parts[2], int(parts[3] or 3), int(parts[4] or 1)


@keras.saving.register_keras_serializable(package="niteru")  # type: ignore[untyped-decorator]
def naive_loss(classes: Any, logits: Any) -> Any:
    """Loss −Σ y·log(softmax(x)) over the whole batch, which is NaN (0 × −∞) if a probability underflows to 0."""
    known = keras.ops.one_hot(keras.ops.cast(keras.ops.reshape(classes, (-1,)), "int32"), logits.shape[-1])
    return -keras.ops.sum(known * keras.ops.log(keras.ops.softmax(logits)))


@keras.saving.register_keras_serializable(package="niteru")  # type: ignore[untyped-decorator]
def naive_mean_loss(classes: Any, logits: Any) -> Any:
    """The mean of :func:`naive_loss` over a batch."""
    return naive_loss(classes, logits) / keras.ops.cast(keras.ops.shape(logits)[0], "float32")


@keras.saving.register_keras_serializable(package="niteru")
class WeightedLoss(keras.losses.Loss):
    """Cross-entropy computed from logits, with a weight for each class.

    Args:
        weights: weights of the classes; None for equal ones.
    """

    def __init__(self, weights: list[float] | None = None, name: str = "softmax", **options: Any) -> None:
        super().__init__(name=name, **options)
        self.weights = weights

    @override
    def call(self, y_true: Any, y_pred: Any) -> Any:
        classes = keras.ops.cast(keras.ops.reshape(y_true, (-1,)), "int32")
        each = keras.ops.sparse_categorical_crossentropy(classes, y_pred, from_logits=True)
        return each if self.weights is None else each * keras.ops.take(keras.ops.array(self.weights), classes)

    @override
    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "weights": self.weights}
