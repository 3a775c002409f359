"""Training of an embedding network, stage by stage."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from niteru.engine import Pixels
from niteru.engine.embedding.window import central_window
from niteru.engine.training.embedding import losses
from niteru.engine.training.embedding.autoencoder import autoencoder, pictures
from niteru.engine.training.embedding.maps import Maps, take_maps
from niteru.engine.training.embedding.mobilefacenet import (
    TRAINED,
    centred,
    joined,
    put_mean_back,
    split,
    with_norms,
)
from niteru.engine.training.embedding.network import DIMENSION, hold_norms, network_in, retyped
from niteru.engine.training.embedding.recipe import EmbeddingStage, Recipe
from niteru.engine.training.embedding.residual import grown, residual_network
from niteru.engine.training.embedding.sampler import PeopleBatches
from niteru.engine.training.export import convert
from niteru.engine.training.loop import Loop, load_checkpoint, warm_up_and_cosine
from niteru.engine.training.precision import fastest_policy

LOSSES: dict[str, Callable[[], keras.losses.Loss]] = {
    "autoencoder": keras.losses.MeanSquaredError,
    "siamese": losses.Contrastive,
    "supcon": losses.SupervisedContrastive,
    "triplet": losses.BatchHardTriplet,
    "cosface": losses.CosFace,
    "arcface": losses.ArcFace,
    "teacher": losses.TeacherDistance,
    "relations": losses.Relations,
}
_OVER_CENTRES = ("cosface", "arcface")
_TAUGHT = ("teacher", "relations")
_MEASURED_BY = 1536
"""Faces on which the statistics of an inherited network are measured."""
_CENTRED_BY = 8192
"""Faces whose mean is subtracted from its vectors."""
_MEMORY = 0.997
"""Momentum of the moving average of the weights, over the last few hundred batches."""
LOWER, LOWER_WEIGHTS = "lower.keras", "lower.tflite"


class EmbeddingTrainer(Loop):
    """The training loop over batches of people.

    Args:
        folder: folder of this run.
        recipe: stages, losses and batches.
        crops: uint8 RGB, shape (n, 112, 112, 3).
        labels: number of each crop's person, int64 (n,), from 0; -1 for crops that are left out.
        teacher: the teacher's unit vectors, float32 (n, dimension), if there is one.
        start: network that an inherited recipe starts from, a MobileFaceNet without batch normalisation.

    Raises:
        RunChanged: the folder belongs to another run.
    """

    def __init__(
        self,
        folder: Path,
        recipe: Recipe,
        crops: Pixels,
        labels: NDArray[np.int64],
        teacher: NDArray[np.float32] | None = None,
        start: keras.Model | None = None,
    ) -> None:
        self._recipe, self._teacher, self._start = recipe, teacher, start
        # Random reads of a mapped file are page faults; the training set fits into memory, so it is read once.
        self._crops, self._labels = np.asarray(crops[:]), labels
        data: dict[str, NDArray[Any] | None] = {"faces": self._crops, "people": labels, "taught": teacher}
        if start is not None:
            data["start"] = np.concatenate([weight.ravel() for weight in start.get_weights()])
        identity = {"recipe": asdict(recipe), **{name: _mark(values) for name, values in data.items()}}
        super().__init__(folder, recipe.stages, identity, recipe.steps_per_checkpoint)
        self._maps = self._taken_maps() if recipe.inherited else None
        self._batches = PeopleBatches(self._crops, labels, teacher, recipe, self._maps)

    @override
    def batch(self, number: int) -> tuple[Any, Any]:
        faces, known = self._batches.batch(number)
        current = self._recipe.stages[self._stage]
        targets = dict.fromkeys(current.losses, known["identity"]) | dict.fromkeys(_TAUGHT, known.get("teacher"))
        if "autoencoder" in current.losses:
            targets["autoencoder"] = pictures(faces, current.level)
        return faces, targets

    @override
    def compiled(self, stage: int, before: keras.Model | None) -> keras.Model:
        recipe, current = self._recipe, self._recipe.stages[stage]
        keras.utils.set_random_seed(recipe.seed)
        network = self._network(current, before)
        for layer in network.layers:
            layer.trainable = not layer.name.startswith(current.frozen)
        if recipe.inherited:
            # A batch has few faces compared with those on which the statistics were measured.
            hold_norms(network)
        weights = {
            name: weight for name, weight in current.losses.items() if name not in _TAUGHT or self._teacher is not None
        }
        model = autoencoder(network, current.level) if "autoencoder" in weights else self._with_heads(network, weights)
        rate = warm_up_and_cosine(current.peak_rate, current.steps)
        averaged = {"use_ema": True, "ema_momentum": _MEMORY} if recipe.inherited else {}
        optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, clipnorm=5.0, **averaged)
        model.compile(
            optimizer, loss={name: LOSSES[name]() for name in weights}, loss_weights=weights, jit_compile=False
        )
        return model

    @override
    def finish(self, model: keras.Model) -> None:
        # An inherited network keeps the moving average of its weights.
        model.optimizer.finalize_variable_values(model.trainable_variables)
        if self._recipe.inherited and self._stage == len(self.stages) - 1:
            put_mean_back(network_in(model), self._upper(), self._some_inputs())

    def _network(self, stage: EmbeddingStage, before: keras.Model | None) -> keras.Model:
        recipe, dtype = self._recipe, fastest_policy()
        if recipe.inherited:
            return self._upper() if before is None else retyped(network_in(before), "float32")
        if before is None:
            return residual_network(recipe.side, stage.blocks, dtype=dtype)
        return grown(network_in(before), stage.blocks, dtype)

    def _taken_maps(self) -> Maps:
        """Compute the lower part's maps of all faces; the lower part is stored beside them."""
        assert self._start is not None, "an inherited recipe needs a network to start from"
        weights = self.folder / LOWER_WEIGHTS
        lower, _ = split(self._start)
        lower.save(self.folder / LOWER)
        convert(_saved_lower, self.folder, weights, "float32")
        return take_maps(self.folder, weights, self._crops, f"{self._identity['faces']}-{self._identity['start']}")

    def _upper(self) -> keras.Model:
        """Build the upper part, which learns."""
        assert self._start is not None, "an inherited recipe needs a network to start from"
        _, upper = split(with_norms(self._start, TRAINED, self._some_faces()))
        return centred(upper, self._some_inputs(), DIMENSION)

    def _some_inputs(self) -> Iterator[NDArray[np.float32]]:
        """Inputs of the upper part for the faces by whose mean it is centred, in blocks."""
        rows = np.arange(0, len(self._crops), max(1, len(self._crops) // _CENTRED_BY))
        return (self._seen(part) for part in np.array_split(rows, len(rows) // 256 + 1))

    def _with_heads(self, network: keras.Model, weights: dict[str, float]) -> keras.Model:
        heads = dict.fromkeys(weights, network.output)
        for name in _OVER_CENTRES:
            if name in weights:
                centres = losses.Centres(int(self._labels.max()) + 1, name=f"{name}_centres")
                heads[name] = centres(network.output)
                centres.set_weights([self._mean_vectors(network)])
        return keras.Model(network.input, heads, name=network.name)

    def _mean_vectors(self, network: keras.Model) -> NDArray[np.float32]:
        """Mean vector of each person for the network so far, by :func:`losses.centres_of`."""
        known = np.flatnonzero(self._labels >= 0)
        blocks = np.array_split(known, len(known) // 256 + 1)
        vectors = [network.predict_on_batch(self._seen(rows)) for rows in blocks]
        return losses.centres_of(np.concatenate(vectors), self._labels[known])

    def _some_faces(self) -> NDArray[np.float32]:
        step = max(1, len(self._crops) // _MEASURED_BY)
        return self._faces(np.arange(0, len(self._crops), step)[:_MEASURED_BY])

    def _seen(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Input of the network for some faces: their pixels, or their maps."""
        return self._faces(rows) if self._maps is None else self._maps[0, rows].astype(np.float32)

    def _faces(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        recipe = self._recipe
        windows = [central_window(self._crops[row], recipe.side, recipe.window) for row in rows]
        return np.stack(windows).astype(np.float32)


def _mark(values: NDArray[Any] | None) -> str | None:
    """Hash of an array."""
    return None if values is None else hashlib.blake2b(np.ascontiguousarray(values).data, digest_size=8).hexdigest()


def _saved_lower(folder: Path) -> keras.Model:
    return keras.saving.load_model(folder / LOWER, compile=False)


def trained_network(folder: Path) -> keras.Model:
    """Load the embedding network from the last checkpoint of a training folder, in float32."""
    network = retyped(network_in(load_checkpoint(folder)), "float32")
    return joined(_saved_lower(folder), network) if (folder / LOWER).exists() else network
