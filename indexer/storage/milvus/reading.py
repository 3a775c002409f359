"""Catalogue questions of a service, answered from the current generation's rows: no copy of the catalogue is needed."""

from __future__ import annotations

import numpy as np
from typing_extensions import override

from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.storage.backend import FaceQueries
from niteru.indexer.storage.milvus.generation import MilvusGeneration


class MilvusQueries(FaceQueries):
    """Answers to the catalogue questions of one request.

    Args:
        current: the generation, opened for this request.
    """

    def __init__(self, current: MilvusGeneration) -> None:
        self._current = current

    @override
    def faces(self, ids: list[int]) -> dict[int, FaceRow]:
        return self._current.rows.faces(ids)

    @override
    def faces_of_photo(self, ref: str) -> list[FaceRow]:
        return self._current.rows.of_photo(ref)

    @override
    def faces_of_person(self, name: str) -> list[FaceRow]:
        return self._current.rows.of_person(name)

    @override
    def known_name(self, name: str) -> str | None:
        return name if self._current.rows.of_person(name) else None  # only people with a face are in Milvus

    @override
    def people(self) -> list[tuple[int, str, int]]:
        return self._current.rows.people()

    @override
    def original(self, ref: str) -> None:
        """Nothing: the photos are on another machine."""

    @override
    def vector(self, face: int, model: str) -> np.ndarray | None:
        if model != self._current.model or face not in self._current.rows.get([face]):
            return None
        vector: np.ndarray = self._current.rows.vectors([face])[0]
        return vector

    @override
    def close(self) -> None:
        """Do nothing: the connection to Milvus is shared."""
