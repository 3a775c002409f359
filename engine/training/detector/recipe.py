"""The recipe of the face detector: stages, batches and scenes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from niteru.engine.training.stages import Stage, scaled, steps_of


@dataclass(frozen=True, slots=True)
class DetectorStage(Stage):
    """A stage with its share of scenes for the second pass.

    Attributes:
        second_looks: share of the scenes with views of the second pass.
        decoys: share of those views that show mistakes from before this stage.
    """

    second_looks: float
    decoys: float = 0.0


@dataclass(frozen=True, slots=True)
class DetectorRecipe:
    """A whole run, first on all kinds of scenes, then also on the network's own mistakes.

    Attributes:
        stages: stages in order; each starts from the weights of the one before.
        batch: number of scenes in a batch.
        side: side of the square scenes in pixels, a multiple of 128.
        drawn_people: number of drawn people, with four pictures each.
        steps_per_checkpoint: batches between checkpoints, the most that an interruption can cost.
        seed: seed of weights and scenes.
    """

    stages: tuple[DetectorStage, ...] = field(
        default=(
            DetectorStage("scenes", steps=10_000, peak_rate=2e-3, second_looks=0.25),
            DetectorStage("decoys", steps=4_000, peak_rate=8e-4, second_looks=0.4, decoys=0.3),
        )
    )
    batch: int = 32
    side: int = 256
    drawn_people: int = 100
    steps_per_checkpoint: int = 250
    seed: int = 1

    @property
    def steps(self) -> int:
        """Number of batches in all stages."""
        return steps_of(self.stages)

    def stage_of(self, number: int) -> DetectorStage:
        """Find the stage to which batch ``number`` of the run belongs."""
        for stage in self.stages:
            number -= stage.steps
            if number < 0:
                return stage
        return self.stages[-1]

    def scaled(self, steps: int) -> DetectorRecipe:
        """The same recipe with another number of batches in total."""
        least = {name: min(getattr(self, name), steps) for name in ("steps_per_checkpoint", "drawn_people")}
        return replace(self, stages=scaled(self.stages, steps), **least)
