"""The stages of a training run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of a training; each starts from the weights of the one before.

    Attributes:
        name: for progress, checkpoints and the model card.
        steps: batches.
        peak_rate: learning rate after the warm-up; it falls to zero along a cosine.
    """

    name: str
    steps: int
    peak_rate: float


AnyStage = TypeVar("AnyStage", bound=Stage)


def steps_of(stages: Sequence[Stage]) -> int:
    """Batches in all stages."""
    return sum(stage.steps for stage in stages)


def scaled(stages: Sequence[AnyStage], steps: int) -> tuple[AnyStage, ...]:
    """The same stages over another number of batches in all, none left out."""
    share = steps / steps_of(stages)
    return tuple(replace(stage, steps=max(1, round(stage.steps * share))) for stage in stages)
