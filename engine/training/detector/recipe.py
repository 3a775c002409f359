"""How the face detector is trained."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from niteru.engine.training.stages import Stage, scaled, steps_of


@dataclass(frozen=True, slots=True)
class DetectorStage(Stage):
    """A stage with its share of scenes for the second look.

    Attributes:
        second_looks: share of the scenes that show what the second look sees.
        decoys: share of those that show what the network took for a face before this stage.
    """

    second_looks: float
    decoys: float = 0.0


@dataclass(frozen=True, slots=True)
class DetectorRecipe:
    """One run: first all there is to see, then the network's own mistakes among it.

    Attributes:
        stages: in order; each starts from the weights of the one before.
        batch: scenes a batch.
        side: of the square scenes, in pixels; a multiple of 128.
        drawn_people: of the project's own, four pictures each.
        steps_per_checkpoint: how much work an interruption may cost.
        seed: of weights and scenes.
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
        """Batches in all stages."""
        return steps_of(self.stages)

    def stage_of(self, number: int) -> DetectorStage:
        """The stage to which batch ``number`` of the run belongs."""
        for stage in self.stages:
            number -= stage.steps
            if number < 0:
                return stage
        return self.stages[-1]

    def scaled(self, steps: int) -> DetectorRecipe:
        """The same recipe over another number of batches in all."""
        least = {name: min(getattr(self, name), steps) for name in ("steps_per_checkpoint", "drawn_people")}
        return replace(self, stages=scaled(self.stages, steps), **least)
