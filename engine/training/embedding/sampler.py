"""Random batches of P people with K photos each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels
from niteru.engine.training.embedding.augment import vary
from niteru.engine.training.embedding.maps import Maps
from niteru.engine.training.embedding.recipe import Recipe


class PeopleBatches:
    """P×K batches, the same for the same seed and number, so that an interrupted run resumes unchanged.

    People are drawn by their number of photos to the power of ``recipe.balance``. Drawn by photo, a few people with
    hundreds of photos would drown out the rest; drawn by person, people with a single photo would.

    Args:
        crops: uint8 RGB, shape (n, 112, 112, 3).
        labels: number of each one's person, int (n,), from 0; -1 for faces that are left out.
        teacher: the teacher's unit vectors (n, dimension), or None.
        recipe: P, K, sizes and seed.
        maps: maps of the faces and their mirror images, to be drawn instead of the faces.
    """

    def __init__(
        self,
        crops: Pixels,
        labels: NDArray[np.int64],
        teacher: NDArray[np.float32] | None,
        recipe: Recipe,
        maps: Maps | None = None,
    ) -> None:
        self._crops, self._labels, self._teacher, self._maps = crops, labels, teacher, maps
        order = np.argsort(labels, kind="stable")
        rows = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
        self._rows = [of_person for of_person in rows if labels[of_person[0]] >= 0]
        weight = np.array([len(of_person) for of_person in self._rows]) ** recipe.balance
        self._odds = weight / weight.sum()
        self._recipe = recipe
        self._people = min(recipe.people, len(self._rows))

    def batch(self, number: int) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Draw batch ``number`` of the run.

        Returns:
            Float32 faces of shape (P·K, side, side, 3) in 0–255, or maps of them, and a dict of ``identity`` (P·K, 1)
            and, if there is a teacher, ``teacher`` (P·K, dimension).
        """
        recipe = self._recipe
        rng = np.random.default_rng([recipe.seed, number])
        people = rng.choice(len(self._rows), self._people, replace=False, p=self._odds)
        rows = np.concatenate([self._draw(self._rows[p], rng) for p in people])
        faces = np.stack([self._look(row, rng) for row in rows])
        targets: dict[str, Any] = {"identity": self._labels[rows, None].astype(np.int32)}
        if self._teacher is not None:
            targets["teacher"] = self._teacher[rows]
        return faces.astype(np.float32), targets

    def _draw(self, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        # Of fewer than K photos some are drawn twice: two variations of one photo are a pair, too.
        return rng.choice(rows, self._recipe.photos, replace=len(rows) < self._recipe.photos)

    def _look(self, row: int, rng: np.random.Generator) -> NDArray[Any]:
        if self._maps is not None:
            return np.asarray(self._maps[int(rng.integers(2)), row])
        return vary(self._crops[row], self._recipe.side, self._recipe.window, rng)
