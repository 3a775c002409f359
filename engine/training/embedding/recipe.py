"""Recipes: the stages of a training run, their losses and their batches."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from niteru.engine.training.embedding import mobilefacenet
from niteru.engine.training.embedding.residual import BLOCKS
from niteru.engine.training.stages import Stage, scaled, steps_of


@dataclass(frozen=True, slots=True)
class EmbeddingStage(Stage):
    """A stage with its losses.

    Attributes:
        losses: weight of each loss: ``siamese`` (contrastive over all pairs), ``supcon``, ``triplet``, ``cosface``,
            ``arcface``, ``teacher`` and ``relations`` (distance to the teacher's vectors, and between the cosines of a
            batch's faces and the teacher's; both are left out without a teacher), or ``autoencoder`` alone.
        blocks: residual blocks of each part of a network from scratch; a stage may add blocks to those before.
        level: part of the network that an ``autoencoder`` trains; the parts below it are frozen.
        frozen: beginnings of the names of frozen layers.
    """

    losses: dict[str, float]
    blocks: tuple[int, ...] = BLOCKS
    level: int = 0
    frozen: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The losses in one line."""
        return " + ".join(f"{weight:g} × {name}" if weight != 1 else name for name, weight in self.losses.items())


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole run; the default starts from scratch, with *same person or not*, then tells people apart, then deepens.

    Attributes:
        stages: stages in order; each starts from the weights of the one before.
        inherited: whether it starts from a network that knows faces already, whose lower part is frozen.
        people, photos: P and K of the P×K batches.
        balance: people are drawn by their number of photos to this power: 0 by person, 1 by photo.
        side: input side of the network in pixels.
        window: side of the central part of the 112-pixel crop that the network sees.
        steps_per_checkpoint: batches between checkpoints, the most that an interruption can cost.
        seed: seed of weights and batches.
    """

    stages: tuple[EmbeddingStage, ...] = field(
        default=(
            EmbeddingStage("siamese", 400, 0.05, {"siamese": 1}),
            EmbeddingStage("metric", 3000, 0.1, {"supcon": 1, "teacher": 5}),
            EmbeddingStage("deeper", 7000, 0.08, {"supcon": 1, "cosface": 1, "teacher": 5}, (1, 2, 2)),
        )
    )
    inherited: bool = False
    people: int = 64
    photos: int = 4
    balance: float = 0.75
    side: int = 64
    window: int = 96
    steps_per_checkpoint: int = 50
    seed: int = 1

    @property
    def steps(self) -> int:
        """Number of batches in all stages."""
        return steps_of(self.stages)

    def scaled(self, steps: int) -> Recipe:
        """The same recipe with another number of batches in total."""
        least = min(self.steps_per_checkpoint, steps)
        return replace(self, stages=scaled(self.stages, steps), steps_per_checkpoint=least)


FROM_SCRATCH = Recipe()
_TAUGHT = {"supcon": 1.0, "cosface": 0.5, "relations": 60.0}
FROM_MOBILEFACENET = Recipe(
    (
        EmbeddingStage("last layer", 200, 0.05, _TAUGHT, frozen=("level3", "top")),
        EmbeddingStage("top", 1000, 0.02, _TAUGHT),
    ),
    inherited=True,
    people=256,
    photos=3,
    balance=0.6,
    side=mobilefacenet.SIDE,
    window=mobilefacenet.WINDOW,
)
