"""The training loop of all networks: progress, checkpoints, resuming, and a stop at the first NaN."""

from __future__ import annotations

import csv
import json
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import keras
import numpy as np

from niteru.engine.failure import Failure
from niteru.engine.training.stages import Stage, steps_of
from niteru.engine.work.map_ahead import map_ahead
from niteru.engine.work.progress import progress_bar
from niteru.engine.work.write_atomically import write_atomically


class TrainingDiverged(Failure):
    """The loss or a weight became NaN or infinite."""


class RunChanged(Failure):
    """The folder holds a run with another recipe or on other photos."""


class Loop(ABC):
    """Training of one network in one folder; a new loop over the same folder resumes where the last one stopped.

    The folder holds ``run.json`` (recipe and progress), ``checkpoint.keras`` (weights and optimizer) and
    ``curve.csv`` (stage, step, loss, rate, and further measures).

    Args:
        folder: folder of this run.
        stages: stages in order; each starts from the weights of the one before.
        identity: what distinguishes this run from others, its recipe and its data, as JSON.
        steps_per_checkpoint: batches between checkpoints, the most that an interruption can cost.

    Raises:
        RunChanged: the folder belongs to another run.
    """

    def __init__(
        self, folder: Path, stages: Sequence[Stage], identity: dict[str, Any], steps_per_checkpoint: int
    ) -> None:
        self.folder, self.stages, self.steps_per_checkpoint = folder, stages, steps_per_checkpoint
        folder.mkdir(parents=True, exist_ok=True)
        self._identity = json.loads(json.dumps(identity))
        self._stage, self._step = self._progress()

    @abstractmethod
    def batch(self, number: int) -> tuple[Any, Any]:
        """Make the inputs and targets of batch ``number`` of the run, the same at every call."""

    @abstractmethod
    def compiled(self, stage: int, before: keras.Model | None) -> keras.Model:
        """Make the model to train in a stage, with its losses and optimizer.

        Args:
            stage: number of the stage.
            before: the model at the end of the stage before, if there was one.
        """

    def begin(self, stage: int) -> None:  # noqa: B027  (most loops have nothing to do)
        """Prepare for a stage, before it starts or resumes."""

    def finish(self, model: keras.Model) -> None:  # noqa: B027
        """Complete a stage, before its model is saved."""

    def measures(self, model: keras.Model) -> dict[str, float]:
        """Measure what goes into the curve beside the loss at each checkpoint, always under the same names."""
        return {}

    def run(self) -> None:
        """Train to the end of the last stage; the last checkpoint holds the network.

        Raises:
            TrainingDiverged: the loss became NaN or infinite; the last good checkpoint is kept.
        """
        with progress_bar("training", steps_of(self.stages), "batch", self._done()) as bar:
            while self._stage < len(self.stages):
                self._run_stage(self.stages[self._stage], bar)

    def _done(self) -> int:
        return steps_of(self.stages[: self._stage]) + self._step

    def _progress(self) -> tuple[int, int]:
        file = self.folder / "run.json"
        if not file.exists():
            return 0, 0
        run = json.loads(file.read_text())
        if {key: run.get(key) for key in self._identity} != self._identity:
            raise RunChanged(
                f"{self.folder} holds a run with another recipe or on other photos: remove it, or choose another folder"
            )
        return run["stage"], run["step"]

    def _model(self) -> keras.Model:
        if self._step:
            return load_checkpoint(self.folder, compiled=True)
        return self.compiled(self._stage, load_checkpoint(self.folder) if self._stage else None)

    def _run_stage(self, stage: Stage, bar: Any) -> None:
        self.begin(self._stage)
        model = self._model()
        losses: list[float] = []
        start = self._done()
        numbers = range(start, start + stage.steps - self._step)
        # The next batches are prepared while this one trains.
        with ThreadPoolExecutor(2) as ahead:
            for _, (inputs, targets) in map_ahead(ahead, self.batch, numbers, ahead=8):
                losses.append(self._train(model, inputs, targets))
                self._step += 1
                bar.set_postfix_str(f"{stage.name} loss {losses[-1]:.3f}", refresh=False)
                bar.update()
                if self._step % self.steps_per_checkpoint == 0 and self._step < stage.steps:
                    self._check_weights(model)
                    self._note(stage, float(np.mean(losses)), model)
                    self._save(model)
                    losses.clear()
        self._check_weights(model)
        self._note(stage, float(np.mean(losses)), model)
        self.finish(model)
        self._stage, self._step = self._stage + 1, 0
        self._save(model)

    def _train(self, model: keras.Model, inputs: Any, targets: Any) -> float:
        model.reset_metrics()
        if isinstance(targets, dict):  # a stage may not use all of them
            targets = {name: targets[name] for name in model.output if name in targets}
        loss = float(model.train_on_batch(inputs, targets, return_dict=True)["loss"])
        if not math.isfinite(loss):
            raise self._diverged("loss")
        return loss

    def _diverged(self, what: str) -> TrainingDiverged:
        stage = self.stages[self._stage]
        return TrainingDiverged(
            f"the {what} became NaN or infinite after step {self._step} of stage {stage.name}; training stopped. The "
            f"last good checkpoint is kept in {self.folder}. Try a lower learning rate, and look at the newest photos"
        )

    def _check_weights(self, model: keras.Model) -> None:
        """Stop before a checkpoint is written if a step spoilt the weights although its loss was still finite."""
        if not all(np.isfinite(weight).all() for weight in model.get_weights()):
            raise self._diverged("network")

    def _save(self, model: keras.Model) -> None:
        """Write the checkpoint first, then the progress: a crash between the two repeats some work but loses none."""
        with write_atomically(self.folder / "checkpoint.keras") as aside:
            model.save(aside)
        progress = {**self._identity, "stage": self._stage, "step": self._step}
        with write_atomically(self.folder / "run.json") as aside:
            aside.write_text(json.dumps(progress, indent=1))

    def _note(self, stage: Stage, loss: float, model: keras.Model) -> None:
        file = self.folder / "curve.csv"
        new, measured = not file.exists(), self.measures(model)
        with file.open("a", newline="") as out:
            rows = csv.writer(out)
            if new:
                rows.writerow(["stage", "step", "loss", "rate", *measured])
            rate = f"{float(model.optimizer.learning_rate):.6f}"
            rows.writerow([stage.name, self._step, f"{loss:.5f}", rate, *(f"{one:.4f}" for one in measured.values())])


def load_checkpoint(folder: Path, compiled: bool = False) -> keras.Model:
    """Load the model of a folder's last checkpoint, with its losses and optimizer if ``compiled``."""
    return keras.saving.load_model(folder / "checkpoint.keras", compile=compiled)


def warm_up_and_cosine(peak: float, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Learning rate that rises to ``peak`` in a tenth of the steps (200 at most), then falls to 0 along a cosine."""
    warm_up = min(200, steps // 10)
    return keras.optimizers.schedules.CosineDecay(
        peak * 0.05, steps - warm_up, warmup_target=peak, warmup_steps=warm_up
    )
