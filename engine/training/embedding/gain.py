"""What fine-tuning brought, and whether it is worth having."""

from __future__ import annotations

from dataclasses import dataclass

MAY_LOSE = 0.002
"""AUC on people not seen that a better answer on the owner's may cost."""


@dataclass(frozen=True, slots=True)
class Gain:
    """Figures of the weights at one share of the way, over all folds.

    Attributes:
        share: 0 for the shipped model, 1 for the tuned one.
        recall_at_1: held-out photos whose nearest among the others is of the same person.
        auc, tar_at_far_1e-2: of held-out people's pairs.
    """

    share: float
    recall_at_1: float
    auc: float
    tar: float


@dataclass(frozen=True, slots=True)
class Report:
    """What fine-tuning brought: the shipped model first, then each share of the way."""

    model: str
    people: int
    photos: int
    gains: list[Gain]
    chosen: float

    @property
    def better(self) -> bool:
        """Whether the new model should be used."""
        return self.chosen > 0


def choose(gains: list[Gain]) -> float:
    """The share that answers best on the owner's people without losing others; 0 where none is better."""
    shipped, *tuned = gains
    sound = [gain for gain in tuned if gain.auc >= shipped.auc - MAY_LOSE and gain.recall_at_1 > shipped.recall_at_1]
    best = max(sound, key=lambda gain: (gain.recall_at_1, gain.auc), default=shipped)
    return best.share
