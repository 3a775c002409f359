"""Train the embedding network: Siamese pretraining, then the metric-learning stage."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from engine.photo import Pixels
from engine.training.embedding.losses import Contrastive, SupervisedContrastive, TeacherDistance
from engine.training.embedding.network import embedding_network
from engine.training.embedding.recipe import Recipe
from engine.training.embedding.sampler import PeopleBatches
from engine.training.loop import Loop, load_checkpoint, warm_up_and_cosine


class EmbeddingTrainer(Loop):
    """The loop over batches of people.

    Args:
        folder: of this run.
        recipe: what to do.
        crops: uint8 RGB, shape (n, 112, 112, 3).
        people: name of each crop's person.
        teacher: the teacher's unit vectors, float32 (n, dimension), if there is one.

    Raises:
        RunChanged: if the folder belongs to another run.
    """

    def __init__(
        self,
        folder: Path,
        recipe: Recipe,
        crops: Pixels,
        people: list[str],
        teacher: NDArray[np.float32] | None = None,
    ) -> None:
        """See the class."""
        self._recipe, self._taught = recipe, teacher is not None
        labels = np.unique(people, return_inverse=True)[1].astype(np.int64)
        # Random reads of a mapped file are page faults: a training set fits the memory, so read it once.
        self._batches = PeopleBatches(np.asarray(crops[:]), labels, teacher, recipe)
        identity = {"recipe": asdict(recipe), "faces": len(crops)}
        super().__init__(folder, recipe.stages, identity, recipe.steps_per_checkpoint)

    def batch(self, number: int) -> tuple[Any, Any]:
        """Faces and their people, with the teacher's vectors where this stage learns from them."""
        return self._batches.batch(number)

    def compiled(self, stage: int, before: keras.Model | None) -> keras.Model:
        """The network with the losses of a stage."""
        keras.utils.set_random_seed(self._recipe.seed)
        network = embedding_network(self._recipe.side) if before is None else _bare(before)
        what = self._recipe.stages[stage]
        losses: dict[str, Any] = {"identity": Contrastive() if what.loss == "siamese" else SupervisedContrastive()}
        weights = {"identity": 1.0}
        if what.teacher_weight and self._taught:
            losses["teacher"] = TeacherDistance()
            weights["teacher"] = what.teacher_weight
        model = keras.Model(network.input, dict.fromkeys(losses, network.output))
        rate = warm_up_and_cosine(what.peak_rate, what.steps)
        optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, clipnorm=5.0)
        model.compile(optimizer, loss=losses, loss_weights=weights, jit_compile=False)
        return model


def trained_network(folder: Path) -> keras.Model:
    """The embedding network in the last checkpoint of a training folder."""
    return _bare(load_checkpoint(folder))


def _bare(model: keras.Model) -> keras.Model:
    """The network alone, without the second name of its output."""
    return keras.Model(model.input, model.output["identity"], name="niteru")
