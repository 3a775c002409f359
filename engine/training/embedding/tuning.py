"""Fine-tune a network on an owner's people without making it forget everybody else."""

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
"""Low layers see edges and parts, which are the same on everybody's photos."""
ANCHOR = 5.0
"""Weight of the distance to the vectors of before: what keeps other people's faces where they were."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """How long and how fast.

    Attributes:
        frozen: batches with the low layers frozen.
        whole: batches with all of them moving.
        rate: learning rate of Adam, a third of it for the second part.
        people, photos: of a batch.
        seed: of the batches.
    """

    frozen: int = 80
    whole: int = 20
    rate: float = 1e-4
    people: int = 16
    photos: int = 4
    seed: int = 1

    @property
    def steps(self) -> int:
        """Batches in all."""
        return self.frozen + self.whole


def tune(base: keras.Model, crops: Pixels, labels: NDArray[np.int64], how: Tuning, window: int, bar: object) -> None:
    """Train ``base`` on, in place.

    Supervised contrastive and margin losses on the owner's labels, and the network's own vectors of before as the
    teacher (Li, Hoiem, "Learning without Forgetting", 2016, https://arxiv.org/abs/1606.09282).

    Args:
        base: network with frozen batch normalisation.
        crops: uint8 RGB, shape (n, 112, 112, 3).
        labels: person of each, int64 (n,), from 0.
        how: long, and how fast.
        window: side of the central part of the crop that the network sees.
        bar: a progress bar.
    """
    side = base.input_shape[1]
    recipe = Recipe(people=how.people, photos=how.photos, side=side, window=window, seed=how.seed)
    before = vectors_of(base, crops, window)
    batches = PeopleBatches(crops, labels, before, recipe)
    centres = losses.Centres(int(labels.max()) + 1)
    heads = {"supcon": base.output, "cosface": centres(base.output), "teacher": base.output}
    centres.set_weights([losses.centres_of(before, labels)])
    model = keras.Model(base.input, heads)
    low = [layer for layer in base.layers if layer.name.startswith(_FROZEN_FIRST) and "norm" not in layer.name]
    for part, (steps, rate) in enumerate(((how.frozen, how.rate), (how.whole, how.rate / 3))):
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
            faces, known = batches.batch(number + part * how.frozen)
            identity = known["identity"]
            model.train_on_batch(faces, {"supcon": identity, "cosface": identity, "teacher": known["teacher"]})
            bar.update()  # type: ignore[attr-defined]


def between(first: keras.Model, second: keras.Model, share: float) -> keras.Model:
    """A new network with the weights that :func:`mix` gives, frozen as the first."""
    mixed = keras.models.clone_model(first)
    for layer, original in zip(mixed.layers, first.layers, strict=True):
        layer.trainable = original.trainable
    mix(mixed, first, second, share)
    return mixed


def mix(into: keras.Model, first: keras.Model, second: keras.Model, share: float) -> None:
    """Give a network the weights that lie between those of two others: 0 is the first, 1 the second.

    Often better than either on both their works (Wortsman et al., "Robust fine-tuning of zero-shot models", 2021,
    https://arxiv.org/abs/2109.01903).
    """
    pairs = zip(first.get_weights(), second.get_weights(), strict=True)
    into.set_weights([(1 - share) * a + share * b for a, b in pairs])


def vectors_of(network: keras.Model, crops: Pixels, window: int) -> Vectors:
    """What the network, as it serves, makes of crops: unit vectors, float32 (n, dimension)."""
    side = network.input_shape[1]
    faces = np.stack([central_window(crop, side, window) for crop in crops]).astype(np.float32)
    return np.asarray(served(network).predict(faces, verbose=0), np.float32)
