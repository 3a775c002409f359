"""What a service asks of a catalogue, answered by the current generation's rows: no copy of the catalogue is needed."""

from __future__ import annotations

import numpy as np

from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.storage.milvus.generation import MilvusGeneration


class MilvusQueries:
    """See :class:`niteru.indexer.storage.backend.FaceQueries`.

    Args:
        current: the generation, for one request.
    """

    def __init__(self, current: MilvusGeneration) -> None:
        """See the class."""
        self._current = current

    def faces(self, ids: list[int]) -> dict[int, FaceRow]:
        """See :class:`FaceQueries`."""
        return self._current.rows.faces(ids)

    def faces_of_photo(self, ref: str) -> list[FaceRow]:
        """See :class:`FaceQueries`."""
        return self._current.rows.of_photo(ref)

    def faces_of_person(self, name: str) -> list[FaceRow]:
        """See :class:`FaceQueries`."""
        return self._current.rows.of_person(name)

    def people(self) -> list[tuple[int, str, int]]:
        """See :class:`FaceQueries`."""
        return self._current.rows.people()

    def vector(self, face: int, model: str) -> np.ndarray | None:
        """See :class:`FaceQueries`."""
        if model != self._current.model or face not in self._current.rows.get([face]):
            return None
        vector: np.ndarray = self._current.rows.vectors([face])[0]
        return vector

    def close(self) -> None:
        """Nothing is held."""
