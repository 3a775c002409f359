"""Relatives among the people of a report: their likeness is told apart from that of strangers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from niteru.indexer.ask.neighbours import Neighbours
from niteru.indexer.ask.persons import Persons
from niteru.indexer.generations.lives import Lives

MOST = 200
"""Relatives of one person who are looked for among the nearest: a table may call a whole club a family."""


class Relatives:
    """Which of some people are relatives.

    Args:
        persons: the people.
        lives: to which families they belong.
    """

    def __init__(self, persons: Persons, lives: Lives) -> None:
        self._persons = persons
        places = {person: row for row, person in enumerate(persons.ids.tolist())}
        found = {
            places[person]: sorted(places[one] for one in lives.relatives(person) if one in places)
            for person in lives.families.keys() & places.keys()
        }
        self.rows: Mapping[int, list[int]] = {row: some for row, some in found.items() if some}
        """Rows of the relatives of each person who has any, by row."""

    @property
    def most(self) -> int:
        """The most that anybody has, up to :data:`MOST`."""
        return min(max(map(len, self.rows.values()), default=0), MOST)

    def pairs(self, k: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """Everybody with up to k relatives most like them, by person, the most alike first.

        Returns:
            Rows of the people, int64 (m,), and of their relatives, int64 (m,); and the scores, float32 (m,).
        """
        both = [(row, relative) for row in sorted(self.rows) for relative in self.rows[row]]
        one, other = np.array(both, np.int64).reshape(-1, 2).T
        scores = self._persons.score(one, other)
        order = np.lexsort((other, -scores, one))
        rank = np.arange(len(one)) - np.searchsorted(one, one)
        kept = order[rank < k]
        return one[kept], other[kept], scores[kept]

    def left_out_of(self, found: Neighbours) -> Neighbours:
        """The neighbours of each person who are no relatives; the last ones are missing where there are no more."""
        scores, rows = found.scores.copy(), found.rows.copy()
        for person, theirs in self.rows.items():
            kept = ~np.isin(found.rows[person], theirs)
            number = int(kept.sum())
            scores[person, :number], rows[person, :number] = found.scores[person][kept], found.rows[person][kept]
            scores[person, number:], rows[person, number:] = -np.inf, -1
        return Neighbours(scores, rows, found.recall)
