"""Same-person band: the scores of two names that the owner of a gallery should look at, for they may be one person's.

It is drawn generously: a label that is wrong and not looked at is worse than one that is right and looked at.
:mod:`niteru.indexer.ask.same_person` says what answers call the same person.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from niteru.indexer.ask.compared import best_faces
from niteru.indexer.ask.persons import Persons, mean_of
from niteru.indexer.generations.rarity_calibration import LEAST_GENUINE, Calibration

_WRONGLY = 1e-3
"""Share of different people in the band where their nearest faces decide."""
_LEAST_TO_HALVE = 4
_RARELY = 0.02
"""Share of people whose halves are less alike than the level: some labels are wrong, some people change."""


class SamePersonBand:
    """Test whether two names are as alike as two halves of one person's photos nearly always are.

    Where too few people have enough photos to halve, their two most similar faces are compared, by the calibration.

    Args:
        everyone: the people whose photos are halved.
        faces: calibration of single faces.
        seed: of the halving.

    Attributes:
        level: cosine of two means from which they are in the band; None where too few people can be halved.
    """

    def __init__(self, everyone: Persons, faces: Calibration, seed: int = 0) -> None:
        dice = np.random.default_rng(seed)
        halves = []
        for person in np.flatnonzero(everyone.counts >= _LEAST_TO_HALVE).tolist():
            own = everyone.faces[everyone.rows(person)]
            order = dice.permutation(len(own))
            halves.append(float(mean_of(own[order[::2]]) @ mean_of(own[order[1::2]])))
        self.level = float(np.quantile(halves, _RARELY)) if len(halves) >= LEAST_GENUINE else None
        self._faces = faces

    def holds(self, persons: Persons, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which pairs of people are in the band, bool (m,), by their rows among all people or some of them.

        Those with the same first person stand together.
        """
        if self.level is not None:
            return persons.cosine(one, other) >= self.level
        chances, which = np.unique(persons.counts[one] * persons.counts[other], return_inverse=True)
        levels = np.array([self._faces.similarity_at(_WRONGLY / number) for number in chances.tolist()])
        return np.asarray(best_faces(persons, one, other).cosines >= levels[which], np.bool_)
