"""Gain from fitting a model, and the choice of how far to go."""

from __future__ import annotations

import math
from dataclasses import dataclass

MAY_LOSE = 0.002
"""AUC on unseen people that may be lost for better answers on the user's own."""


@dataclass(frozen=True, slots=True)
class Gain:
    """Figures of the weights at one share of the way, over all folds.

    Attributes:
        share: 0 for the model that it started from, 1 for the tuned one.
        recall_at_1: share of held-out photos whose nearest other photo is of the same person.
        own_auc: probability that a held-out photo is more like one of its own person than like one of somebody else.
        auc, tar: AUC, and true accept rate at a false accept rate of 1e-2, of held-out people's pairs.
        won, lost: numbers of held-out photos whose own AUC is better, and worse, than before.
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
        """Whether more photos were won than by chance: two standard deviations of a fair coin."""
        return self.won - self.lost > 2 * math.sqrt(self.won + self.lost)


@dataclass(frozen=True, slots=True)
class Report:
    """Gains of a fit: the model that it started from first, then each share of the way."""

    model: str
    people: int
    photos: int
    gains: list[Gain]
    chosen: float

    @property
    def better(self) -> bool:
        """Whether the new model is better than the one that it started from."""
        return self.chosen > 0


def choose(gains: list[Gain]) -> float:
    """Choose the share that is best on the user's people without losing others; 0 if none is better.

    Example:
        >>> before = Gain(0.0, recall_at_1=0.90, own_auc=0.970, auc=0.990, tar=0.95)
        >>> halfway = Gain(0.5, recall_at_1=0.93, own_auc=0.981, auc=0.989, tar=0.95, won=40, lost=10)
        >>> all_the_way = Gain(1.0, recall_at_1=0.95, own_auc=0.990, auc=0.960, tar=0.90, won=50, lost=5)
        >>> choose([before, halfway, all_the_way])  # all the way loses too much on unseen people
        0.5
    """
    base, *tuned = gains
    sound = [
        gain for gain in tuned if gain.sure and gain.recall_at_1 >= base.recall_at_1 and gain.auc >= base.auc - MAY_LOSE
    ]
    return max(sound, key=lambda gain: (gain.own_auc, gain.auc), default=base).share
