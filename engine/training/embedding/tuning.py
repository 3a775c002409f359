"""Fine-tuning of a network on the user's people, without forgetting everybody else."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels, Vectors
from niteru.engine.embedding.window import central_window
from niteru.engine.training.embedding import losses
from niteru.engine.training.embedding.network import served
from niteru.engine.training.embedding.recipe import Recipe
from niteru.engine.training.embedding.sampler import PeopleBatches

_FROZEN_FIRST = ("stem", "stage1", "stage2", "level1", "level2", "level3")
"""Low layers see edges and parts, which are the same in everybody's photos."""
ANCHOR = 5.0
"""Weight of the distance to the vectors from before tuning, which keeps other people's faces in place."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """Length and rate of the tuning.

    Attributes:
        frozen: number of batches with the low layers frozen.
        whole: number of batches that train all layers.
        rate: learning rate of Adam; a third of it for the second part.
        people, photos: people in a batch, and photos of each.
        seed: seed of the batches.
    """

    frozen: int = 80
    whole: int = 20
    rate: float = 1e-4
    people: int = 16
    photos: int = 4
    seed: int = 1

    @property
    def steps(self) -> int:
        """Number of batches in total."""
        return self.frozen + self.whole


def tune(base: keras.Model, crops: Pixels, labels: NDArray[np.int64], tuning: Tuning, window: int, bar: object) -> None:
    """Train ``base`` further, in place.

    The losses are supervised contrastive and margin losses on the user's labels, and the distance to the network's own
    vectors from before (Li, Hoiem, "Learning without Forgetting", 2016, https://arxiv.org/abs/1606.09282).

    Args:
        base: network with frozen batch normalisation.
        crops: uint8 RGB, shape (n, 112, 112, 3).
        labels: number of each one's person, int64 (n,), from 0.
        tuning: length and rate.
        window: side of the central part of the crop that the network sees.
        bar: progress bar, which counts batches.
    """
    side = base.input_shape[1]
    recipe = Recipe(people=tuning.people, photos=tuning.photos, side=side, window=window, seed=tuning.seed)
    before = vectors_of(base, crops, window)
    batches = PeopleBatches(crops, labels, before, recipe)
    centres = losses.Centres(int(labels.max()) + 1)
    heads = {"supcon": base.output, "cosface": centres(base.output), "teacher": base.output}
    centres.set_weights([losses.centres_of(before, labels)])
    model = keras.Model(base.input, heads)
    low = [layer for layer in base.layers if layer.name.startswith(_FROZEN_FIRST) and "norm" not in layer.name]
    for part, (steps, rate) in enumerate(((tuning.frozen, tuning.rate), (tuning.whole, tuning.rate / 3))):
        for layer in low:
            layer.trainable = part == 1
        model.compile(
            keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(rate, steps), clipnorm=5.0),
            loss={
                "supcon": losses.SupervisedContrastive(),
                "cosface": losses.CosFace(),
                "teacher": losses.TeacherDistance(),
            },
            loss_weights={"supcon": 1.0, "cosface": 1.0, "teacher": ANCHOR},
            jit_compile=False,
        )
        for number in range(steps):
            faces, known = batches.batch(number + part * tuning.frozen)
            identity = known["identity"]
            model.train_on_batch(faces, {"supcon": identity, "cosface": identity, "teacher": known["teacher"]})
            bar.update()  # type: ignore[attr-defined]


def between(first: keras.Model, second: keras.Model, share: float) -> keras.Model:
    """Copy the first network, with its frozen layers, and give it the weights of :func:`mix`."""
    mixed = keras.models.clone_model(first)
    for layer, original in zip(mixed.layers, first.layers, strict=True):
        layer.trainable = original.trainable
    mix(mixed, first, second, share)
    return mixed


def mix(into: keras.Model, first: keras.Model, second: keras.Model, share: float) -> None:
    """Give a network weights between those of two others: 0 is the first, 1 the second.

    Such weights are often better than either on both tasks (Wortsman et al., "Robust fine-tuning of zero-shot models",
    2021, https://arxiv.org/abs/2109.01903).
    """
    pairs = zip(first.get_weights(), second.get_weights(), strict=True)
    into.set_weights([(1 - share) * a + share * b for a, b in pairs])


def vectors_of(network: keras.Model, crops: Pixels, window: int) -> Vectors:
    """Embed crops with a network in the form that is exported: unit vectors, float32 (n, dimension)."""
    side = network.input_shape[1]
    faces = np.stack([central_window(crop, side, window) for crop in crops]).astype(np.float32)
    return np.asarray(served(network).predict(faces, verbose=0), np.float32)
