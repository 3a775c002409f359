"""Run a recipe: progress, checkpoints, resume, and a stop at the first NaN."""

from __future__ import annotations

import csv
import json
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from engine.extraction import map_ahead
from engine.photo import Pixels
from engine.progress import progress_bar
from engine.training.losses import Contrastive, SupervisedContrastive, TeacherDistance
from engine.training.network import embedding_network
from engine.training.recipe import Recipe, Stage
from engine.training.sampler import PeopleBatches


class TrainingDiverged(Exception):
    """The loss stopped being a number."""


class RecipeChanged(Exception):
    """A half-finished run lies in the folder, made by another recipe or on other photos."""


class Trainer:
    """Trains one network in one folder; built again over the same folder, it goes on where it stopped.

    The folder holds ``run.json`` (recipe and place reached), ``checkpoint.keras`` (weights and optimizer) and
    ``curve.csv`` (stage, step, loss, rate).

    Args:
        folder: of this run.
        recipe: what to do.
        crops: uint8 RGB, shape (n, 112, 112, 3).
        people: name of each crop's person.
        teacher: the teacher's unit vectors, float32 (n, dimension), if there is one.

    Raises:
        RecipeChanged: if the folder belongs to another run.
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
        self.folder, self.recipe = folder, recipe
        labels = np.unique(people, return_inverse=True)[1].astype(np.int64)
        # Random reads of a mapped file are page faults: a training set fits the memory, so read it once.
        self._batches = PeopleBatches(np.asarray(crops[:]), labels, teacher, recipe)
        self._taught = teacher is not None
        folder.mkdir(parents=True, exist_ok=True)
        self._identity = json.loads(json.dumps({"recipe": asdict(recipe), "faces": len(crops)}))
        self._stage, self._step = self._place()

    def run(self) -> keras.Model:
        """Train to the end of the last stage and return the network.

        Raises:
            TrainingDiverged: the loss became NaN or infinite; the last good checkpoint stays.
        """
        with progress_bar("training", self.recipe.steps, "batch", self._done()) as bar:
            while self._stage < len(self.recipe.stages):
                self._run_stage(self.recipe.stages[self._stage], bar)
        return load_checkpoint(self.folder)

    def _done(self) -> int:
        return sum(stage.steps for stage in self.recipe.stages[: self._stage]) + self._step

    def _place(self) -> tuple[int, int]:
        file = self.folder / "run.json"
        if not file.exists():
            return 0, 0
        run = json.loads(file.read_text())
        if {key: run[key] for key in self._identity} != self._identity:
            raise RecipeChanged(
                f"{self.folder} holds a run of another recipe or other photos: remove it, or train elsewhere"
            )
        return run["stage"], run["step"]

    def _run_stage(self, stage: Stage, bar: Any) -> None:
        model = load_checkpoint(self.folder, compiled=True) if self._step else self._compiled(stage)
        losses: list[float] = []
        start = self._done()
        numbers = range(start, start + stage.steps - self._step)
        # The next batches are drawn while this one trains.
        with ThreadPoolExecutor(1) as ahead:
            for _, (faces, targets) in map_ahead(ahead, self._batches.batch, numbers, ahead=8):
                losses.append(self._train(model, faces, targets))
                self._step += 1
                bar.set_postfix_str(f"{stage.name} loss {losses[-1]:.3f}", refresh=False)
                bar.update()
                if self._step % self.recipe.steps_per_checkpoint == 0 and self._step < stage.steps:
                    self._check_weights(model)
                    self._note(stage, float(np.mean(losses)), model)
                    self._save(model)
                    losses.clear()
        self._check_weights(model)
        self._note(stage, float(np.mean(losses)), model)
        self._stage, self._step = self._stage + 1, 0
        self._save(model)

    def _train(self, model: keras.Model, faces: Any, targets: dict[str, Any]) -> float:
        model.reset_metrics()
        targets = {name: targets[name] for name in model.output}
        loss = float(model.train_on_batch(faces, targets, return_dict=True)["loss"])
        if not math.isfinite(loss):
            raise self._diverged("loss")
        return loss

    def _diverged(self, what: str) -> TrainingDiverged:
        stage = self.recipe.stages[self._stage]
        return TrainingDiverged(
            f"the {what} is not a number any more after step {self._step} of stage {stage.name}: training stopped. The "
            f"last good checkpoint is kept in {self.folder}; the next step is a lower learning rate, or a look at the "
            "newest photos"
        )

    def _compiled(self, stage: Stage) -> keras.Model:
        keras.utils.set_random_seed(self.recipe.seed)
        network = load_checkpoint(self.folder) if self._stage else embedding_network(self.recipe.side)
        losses: dict[str, Any] = {"identity": Contrastive() if stage.loss == "siamese" else SupervisedContrastive()}
        weights = {"identity": 1.0}
        if stage.teacher_weight and self._taught:
            losses["teacher"] = TeacherDistance()
            weights["teacher"] = stage.teacher_weight
        model = keras.Model(network.input, dict.fromkeys(losses, network.output))
        model.compile(_optimizer(stage), loss=losses, loss_weights=weights, jit_compile=False)
        return model

    def _check_weights(self, model: keras.Model) -> None:
        """A step can spoil the weights with a loss that was still fine; such weights are no checkpoint."""
        if not all(np.isfinite(weight).all() for weight in model.get_weights()):
            raise self._diverged("network")

    def _save(self, model: keras.Model) -> None:
        """Checkpoint first, then the place: a crash between them repeats a little work and loses none."""
        aside = self.folder / "writing.keras"
        model.save(aside)
        aside.replace(self.folder / "checkpoint.keras")
        place = {**self._identity, "stage": self._stage, "step": self._step}
        aside = self.folder / "run.json.tmp"
        aside.write_text(json.dumps(place, indent=1))
        aside.replace(self.folder / "run.json")

    def _note(self, stage: Stage, loss: float, model: keras.Model) -> None:
        file = self.folder / "curve.csv"
        new = not file.exists()
        with file.open("a", newline="") as out:
            rows = csv.writer(out)
            if new:
                rows.writerow(["stage", "step", "loss", "rate"])
            rows.writerow([stage.name, self._step, f"{loss:.5f}", f"{float(model.optimizer.learning_rate):.6f}"])


def load_checkpoint(folder: Path, compiled: bool = False) -> keras.Model:
    """The network of the last checkpoint in a training folder; with its optimizer if ``compiled``."""
    model = keras.saving.load_model(folder / "checkpoint.keras", compile=compiled)
    return model if compiled else _bare(model)


def _bare(model: keras.Model) -> keras.Model:
    """The network alone, without the second name of its output."""
    output = model.output
    return keras.Model(model.input, output["identity"] if isinstance(output, dict) else output, name="niteru")


def _optimizer(stage: Stage) -> keras.optimizers.Optimizer:
    warm_up = min(200, stage.steps // 10)
    rate = keras.optimizers.schedules.CosineDecay(
        stage.peak_rate * 0.05, stage.steps - warm_up, warmup_target=stage.peak_rate, warmup_steps=warm_up
    )
    return keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, clipnorm=5.0)
