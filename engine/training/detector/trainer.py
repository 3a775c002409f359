"""Training of the face detector's network."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
from keras import layers
from typing_extensions import override

from niteru.engine.faces.detections import CHANNELS
from niteru.engine.training.detector.decoys import find_decoys
from niteru.engine.training.detector.loss import DetectorLoss
from niteru.engine.training.detector.network import detector_network
from niteru.engine.training.detector.pictures import Pictures
from niteru.engine.training.detector.recipe import DetectorRecipe
from niteru.engine.training.detector.scenes import SceneBatches
from niteru.engine.training.loop import Loop, warm_up_and_cosine


class DetectorTrainer(Loop):
    """The training loop over scenes.

    Args:
        folder: folder of this run.
        recipe: stages, batches and scenes.
        pictures: labelled pictures to learn from.

    Raises:
        RunChanged: the folder belongs to another run.
    """

    def __init__(self, folder: Path, recipe: DetectorRecipe, pictures: Pictures) -> None:
        self._recipe, self._pictures, self._scenes = recipe, pictures, SceneBatches(pictures, recipe)
        amounts = [len(pictures.photos), len(pictures.crops), len(pictures.drawn)]
        identity = {"recipe": asdict(recipe), "pictures": amounts, "sha256": _mark(pictures)}
        super().__init__(folder, recipe.stages, identity, recipe.steps_per_checkpoint)

    @override
    def batch(self, number: int) -> tuple[Any, Any]:
        return self._scenes.batch(number)

    @override
    def begin(self, stage: int) -> None:
        if self._recipe.stages[stage].decoys:
            self._scenes.decoys = find_decoys(self.folder, self._pictures.photos)

    @override
    def compiled(self, stage: int, before: keras.Model | None) -> keras.Model:
        keras.utils.set_random_seed(self._recipe.seed)
        side = self._recipe.side
        scene = keras.Input((side, side, 3))
        network = detector_network() if before is None else before.get_layer("detector")
        cells = [layers.Reshape((-1, CHANNELS))(grid) for grid in network(scene)]
        model = keras.Model(scene, layers.Concatenate(axis=1)(cells))
        rate = warm_up_and_cosine(self._recipe.stages[stage].peak_rate, self._recipe.stages[stage].steps)
        optimizer = keras.optimizers.AdamW(rate, weight_decay=1e-4, clipnorm=10.0)
        model.compile(optimizer, loss=DetectorLoss(), jit_compile=False)
        return model


def _mark(pictures: Pictures) -> str:
    """SHA-256 of all paths and boxes, in hexadecimal: other photos make another run."""
    digest = hashlib.sha256()
    for picture in (*pictures.photos, *pictures.crops, *pictures.drawn):
        digest.update(str(picture.path).encode("utf-8", "surrogateescape"))
        digest.update(b"".join(face.box.tobytes() for face in picture.faces))
    return digest.hexdigest()
