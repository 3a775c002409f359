"""Index in two parts that answer as one: a sealed one, and a small exact one of the faces that came since."""

from __future__ import annotations

import numpy as np

from niteru.engine import Vectors
from niteru.indexer.generations.index.base import NO_ROWS, Index, Rows, Similarities
from niteru.indexer.generations.index.flat import FlatIndex


class TwoPartIndex:
    """A sealed index without some of its rows, and fresh vectors beside it; its own rows are in any order.

    Args:
        sealed: the large part.
        fresh: the small one; None where nothing was added.
        places: of each row, int64 (n,): its row in the sealed index or, counted on from there, among the fresh ones,
            of which each is somewhere.

    Attributes:
        sealed: number of the sealed index's rows.
        places: as above.
    """

    def __init__(self, sealed: Index, fresh: FlatIndex | None, places: Rows) -> None:
        self._index, self._fresh, self.places, self.sealed = sealed, fresh, places, len(sealed)
        self._rows = np.full(self.sealed + (len(fresh) if fresh else 0), -1, np.int64)
        self._rows[places] = np.arange(len(places))
        self._gone = np.flatnonzero(self._rows[: self.sealed] < 0)

    @property
    def has_leftovers(self) -> bool:
        """Whether the sealed index has rows that are left out for good."""
        return len(self._gone) > 0

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.places)

    def vectors(self, rows: Rows) -> Vectors:
        """Vectors of some rows, float32 (r, dimension), from whichever part has each."""
        places = self.places[rows]
        fresh = places >= self.sealed
        if self._fresh is None or not fresh.any():
            return self._index.vectors(places)
        new = self._fresh.vectors(places[fresh] - self.sealed)
        found = np.empty((len(rows), new.shape[1]), np.float32)
        found[fresh], found[~fresh] = new, self._index.vectors(places[~fresh])
        return found

    def search(self, queries: Vectors, k: int, without: Rows = NO_ROWS) -> tuple[Similarities, Rows]:
        """Search both parts for the nearest vectors, and keep the nearest of what they find.

        Args:
            queries: float32 unit vectors, shape (q, dimension).
            k: number of rows; all come if there are fewer.
            without: rows to leave out, each once, int64 (w,).

        Returns:
            Similarities, the highest first, float32 (q, k'), and rows, int64 (q, k'), with k' = min(k, n - w).
        """
        left_out = np.sort(self.places[without])
        split = np.searchsorted(left_out, self.sealed)
        gone = np.union1d(self._gone, left_out[:split]) if len(self._gone) else left_out[:split]
        similarities, places = self._index.search(queries, k, gone)
        if self._fresh is not None:
            others, rows = self._fresh.search(queries, k, left_out[split:] - self.sealed)
            similarities, places = np.hstack([similarities, others]), np.hstack([places, rows + self.sealed])
            first = np.argsort(-similarities, axis=1, kind="stable")[:, :k]
            similarities, places = np.take_along_axis(similarities, first, 1), np.take_along_axis(places, first, 1)
        return similarities, self._rows[places]
