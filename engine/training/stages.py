"""Stages of a training run, and their scaling to another length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of a training run, which starts from the weights of the part before.

    Attributes:
        name: name in the progress bar, the curve and the model card.
        steps: number of batches.
        peak_rate: learning rate after the warm-up; it then falls to zero along a cosine.
    """

    name: str
    steps: int
    peak_rate: float


AnyStage = TypeVar("AnyStage", bound=Stage)


def steps_of(stages: Sequence[Stage]) -> int:
    """Number of batches in all stages."""
    return sum(stage.steps for stage in stages)


def scaled(stages: Sequence[AnyStage], steps: int) -> tuple[AnyStage, ...]:
    """The same stages with another number of batches in total, at least one each.

    Example:
        >>> [stage.steps for stage in scaled([Stage("first", 100, 0.1), Stage("second", 300, 0.05)], steps=40)]
        [10, 30]
    """
    share = steps / steps_of(stages)
    return tuple(replace(stage, steps=max(1, round(stage.steps * share))) for stage in stages)
