"""What fitting brought, and whether it is worth having."""

from __future__ import annotations

import math
from dataclasses import dataclass

MAY_LOSE = 0.002
"""AUC on people not seen that a better answer on the owner's may cost."""


@dataclass(frozen=True, slots=True)
class Gain:
    """Figures of the weights at one share of the way, over all folds.

    Attributes:
        share: 0 for the model it started from, 1 for the tuned one.
        recall_at_1: held-out photos whose nearest among the others is of the same person.
        own_auc: the chance that a held-out photo is more alike a photo of its own person than one of somebody else.
        auc, tar: of held-out people's pairs; the true accept rate is at a false accept rate of 1e-2.
        won, lost: held-out photos whose own chance is better than with the weights of before, and worse.
    """

    share: float
    recall_at_1: float
    own_auc: float
    auc: float
    tar: float
    won: int = 0
    lost: int = 0

    @property
    def sure(self) -> bool:
        """Whether more photos were won than chance would win: two standard deviations of a fair coin."""
        return self.won - self.lost > 2 * math.sqrt(self.won + self.lost)


@dataclass(frozen=True, slots=True)
class Report:
    """What fitting brought: the model it started from first, then each share of the way."""

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
    base, *tuned = gains
    sound = [
        gain for gain in tuned if gain.sure and gain.recall_at_1 >= base.recall_at_1 and gain.auc >= base.auc - MAY_LOSE
    ]
    return max(sound, key=lambda gain: (gain.own_auc, gain.auc), default=base).share
