"""Train the embedding network: Siamese pretraining, then the metric-learning stages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from engine.photo import Pixels
from engine.training.embedding import losses
from engine.training.embedding.autoencoder import autoencoder, pictures
from engine.training.embedding.inherited import inherited_network
from engine.training.embedding.network import network_in, retyped
from engine.training.embedding.recipe import EmbeddingStage, Recipe
from engine.training.embedding.residual import grown, residual_network
from engine.training.embedding.sampler import PeopleBatches
from engine.training.loop import Loop, load_checkpoint, warm_up_and_cosine
from engine.training.precision import fastest_policy
from engine.window import central_window

LOSSES: dict[str, Callable[[], keras.losses.Loss]] = {
    "autoencoder": keras.losses.MeanSquaredError,
    "siamese": losses.Contrastive,
    "supcon": losses.SupervisedContrastive,
    "triplet": losses.BatchHardTriplet,
    "cosface": losses.CosFace,
    "arcface": losses.ArcFace,
    "teacher": losses.TeacherDistance,
}
_OVER_CENTRES = ("cosface", "arcface")
_MEASURED_BY = 1536
"""Faces to measure the statistics of an inherited network by."""


class EmbeddingTrainer(Loop):
    """The loop over batches of people.

    Args:
        folder: of this run.
        recipe: what to do.
        crops: uint8 RGB, shape (n, 112, 112, 3).
        labels: person of each crop, int64 (n,), from 0; -1 for crops that are left out.
        teacher: the teacher's unit vectors, float32 (n, dimension), if there is one.

    Raises:
        RunChanged: if the folder belongs to another run.
    """

    def __init__(
        self,
        folder: Path,
        recipe: Recipe,
        crops: Pixels,
        labels: NDArray[np.int64],
        teacher: NDArray[np.float32] | None = None,
    ) -> None:
        """See the class."""
        self._recipe, self._taught = recipe, teacher is not None
        # Random reads of a mapped file are page faults: a training set fits the memory, so read it once.
        self._crops, self._labels = np.asarray(crops[:]), labels
        self._batches = PeopleBatches(self._crops, labels, teacher, recipe)
        people = hashlib.sha256(labels.tobytes()).hexdigest()[:16]
        identity = {"recipe": asdict(recipe), "faces": len(crops), "people": people, "taught": self._taught}
        super().__init__(folder, recipe.stages, identity, recipe.steps_per_checkpoint)

    def batch(self, number: int) -> tuple[Any, Any]:
        """Faces, and what each loss of the stage compares the network's answer with."""
        faces, known = self._batches.batch(number)
        what = self._recipe.stages[self._stage]
        targets = dict.fromkeys(what.losses, known["identity"]) | {"teacher": known.get("teacher")}
        if "autoencoder" in what.losses:
            targets["autoencoder"] = pictures(faces, what.level)
        return faces, targets

    def compiled(self, stage: int, before: keras.Model | None) -> keras.Model:
        """The network with the losses of a stage."""
        recipe, what = self._recipe, self._recipe.stages[stage]
        keras.utils.set_random_seed(recipe.seed)
        network = self._network(what, before)
        for layer in network.layers:
            layer.trainable = not layer.name.startswith(what.frozen)
        weights = {name: weight for name, weight in what.losses.items() if name != "teacher" or self._taught}
        model = autoencoder(network, what.level) if "autoencoder" in weights else self._with_heads(network, weights)
        rate = warm_up_and_cosine(what.peak_rate, what.steps)
        optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, clipnorm=5.0)
        model.compile(
            optimizer, loss={name: LOSSES[name]() for name in weights}, loss_weights=weights, jit_compile=False
        )
        return model

    def _network(self, what: EmbeddingStage, before: keras.Model | None) -> keras.Model:
        recipe, dtype = self._recipe, fastest_policy()
        if before is not None:
            network = network_in(before)
            return retyped(network, dtype) if recipe.inherited else grown(network, what.blocks, dtype)
        if recipe.inherited:
            return retyped(inherited_network(self._some_faces()), dtype)
        return residual_network(recipe.side, what.blocks, dtype=dtype)

    def _with_heads(self, network: keras.Model, weights: dict[str, float]) -> keras.Model:
        heads = dict.fromkeys(weights, network.output)
        for name in _OVER_CENTRES:
            if name in weights:
                centres = losses.Centres(int(self._labels.max()) + 1, name=f"{name}_centres")
                heads[name] = centres(network.output)
                centres.set_weights([self._mean_vectors(network)])
        return keras.Model(network.input, heads)

    def _mean_vectors(self, network: keras.Model) -> NDArray[np.float32]:
        """Where the people lie for the network so far, see :func:`losses.centres_of`."""
        known = np.flatnonzero(self._labels >= 0)
        blocks = np.array_split(known, len(known) // 256 + 1)
        vectors = [keras.ops.convert_to_numpy(network(self._faces(rows), training=False)) for rows in blocks]
        return losses.centres_of(np.concatenate(vectors), self._labels[known])

    def _some_faces(self) -> NDArray[np.float32]:
        step = max(1, len(self._crops) // _MEASURED_BY)
        return self._faces(np.arange(0, len(self._crops), step)[:_MEASURED_BY])

    def _faces(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        recipe = self._recipe
        windows = [central_window(self._crops[row], recipe.side, recipe.window) for row in rows]
        return np.stack(windows).astype(np.float32)


def trained_network(folder: Path) -> keras.Model:
    """The embedding network in the last checkpoint of a training folder, in float32."""
    return retyped(network_in(load_checkpoint(folder)), "float32")
