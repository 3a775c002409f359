"""What a training run does, stage by stage."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from engine.training.stages import Stage, scaled, steps_of


@dataclass(frozen=True, slots=True)
class EmbeddingStage(Stage):
    """A stage with its loss.

    Attributes:
        loss: ``siamese`` (contrastive over all pairs) or ``supcon``.
        teacher_weight: weight of the distance to the teacher's vectors, where there is a teacher.
    """

    loss: Literal["siamese", "supcon"]
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

    stages: tuple[EmbeddingStage, ...] = field(
        default=(
            EmbeddingStage("siamese", 400, 0.05, "siamese"),
            EmbeddingStage("metric", 3000, 0.1, "supcon", teacher_weight=5.0),
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
        return steps_of(self.stages)

    def scaled(self, steps: int) -> Recipe:
        """The same recipe over another number of batches in all."""
        least = min(self.steps_per_checkpoint, steps)
        return replace(self, stages=scaled(self.stages, steps), steps_per_checkpoint=least)
