"""What a training run does, stage by stage."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of the training, with its own loss and learning-rate curve.

    Attributes:
        name: for progress, checkpoints and the model card.
        loss: ``siamese`` (contrastive over all pairs) or ``supcon``.
        steps: batches.
        peak_rate: learning rate after the warm-up; it falls to zero along a cosine.
        teacher_weight: weight of the distance to the teacher's vectors, where there is a teacher.
    """

    name: str
    loss: Literal["siamese", "supcon"]
    steps: int
    peak_rate: float
    teacher_weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole run: first *same person or not*, then telling people apart.

    Attributes:
        stages: in order; each starts from the weights of the one before.
        people, photos: P and K of the P×K batches.
        side: input side of the network in pixels.
        window: side of the central part of the 112-pixel crop that the network sees.
        steps_per_checkpoint: how much work an interruption may cost.
        seed: of weights and batches.
    """

    stages: tuple[Stage, ...] = field(
        default=(
            Stage("siamese", "siamese", steps=400, peak_rate=0.05),
            Stage("metric", "supcon", steps=3000, peak_rate=0.1, teacher_weight=5.0),
        )
    )
    people: int = 64
    photos: int = 4
    side: int = 64
    window: int = 96
    steps_per_checkpoint: int = 50
    seed: int = 1

    @property
    def steps(self) -> int:
        """Batches in all stages."""
        return sum(stage.steps for stage in self.stages)

    def scaled(self, steps: int) -> Recipe:
        """The same recipe over another number of batches in all."""
        share = steps / self.steps
        stages = tuple(replace(stage, steps=max(1, round(stage.steps * share))) for stage in self.stages)
        return replace(self, stages=stages, steps_per_checkpoint=min(self.steps_per_checkpoint, steps))
