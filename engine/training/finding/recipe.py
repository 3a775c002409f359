"""How the face finder is trained."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class FinderStage:
    """One part of the training.

    Attributes:
        name: for progress, checkpoints and the model card.
        steps: batches.
        peak_rate: learning rate after the warm-up; it falls to nothing along a cosine.
        second_looks: share of the scenes that show what the second look sees.
        decoys: share of those that show what the network took for a face before this stage.
    """

    name: str
    steps: int
    peak_rate: float
    second_looks: float
    decoys: float = 0.0


@dataclass(frozen=True, slots=True)
class FinderRecipe:
    """One run: first all there is to see, then the network's own mistakes among it.

    Attributes:
        stages: in order; each starts from the weights of the one before.
        batch: scenes a batch.
        side: of the square scenes, in pixels; a multiple of 128.
        drawn_people: of the project's own, four pictures each.
        steps_per_checkpoint: how much work an interruption may cost.
        seed: of weights and scenes.
    """

    stages: tuple[FinderStage, ...] = field(
        default=(
            FinderStage("scenes", steps=10_000, peak_rate=2e-3, second_looks=0.25),
            FinderStage("decoys", steps=4_000, peak_rate=8e-4, second_looks=0.4, decoys=0.3),
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
        return sum(stage.steps for stage in self.stages)

    def stage_of(self, number: int) -> FinderStage:
        """The stage to which batch ``number`` of the run belongs."""
        for stage in self.stages:
            number -= stage.steps
            if number < 0:
                return stage
        return self.stages[-1]

    def scaled(self, steps: int) -> FinderRecipe:
        """The same recipe over another number of batches in all."""
        share = steps / self.steps
        stages = tuple(replace(stage, steps=max(1, round(stage.steps * share))) for stage in self.stages)
        least = {name: min(getattr(self, name), steps) for name in ("steps_per_checkpoint", "drawn_people")}
        return replace(self, stages=stages, **least)
