"""A generation as a collection of Milvus: questions are answered there, nothing of it is held here."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.indexer.generations.calibration import Calibration
from niteru.indexer.generations.canary import Canary
from niteru.indexer.generations.generation import Generation, Nearest
from niteru.indexer.storage.milvus.rows import ALL, KEY, NAMED, FaceRows
from niteru.indexer.storage.milvus.store import Store

_FEW = 5_000
"""Up to so many vectors are asked for by their ids; of more, all are read."""


class MilvusGeneration(Generation):
    """See :class:`Generation`.

    Args:
        manifest, calibration, canary: see there.
        store: where it is.
        collection: its name there.
        strong: whether what was written a moment ago must be seen; a service is content with some seconds ago.
    """

    def __init__(
        self,
        manifest: dict[str, Any],
        calibration: Calibration,
        canary: Canary,
        store: Store,
        collection: str,
        *,
        strong: bool = True,
    ) -> None:
        """See the class."""
        super().__init__(manifest, calibration, canary)
        self._store, self._collection, self._strong = store, collection, strong
        self.effort, self._dimension = int(manifest["effort"]), int(manifest["dimension"])
        self.rows = FaceRows(store, collection, strong=strong)

    def for_request(self) -> MilvusGeneration:
        """The same, remembering what it reads from now on, for one request."""
        mine = copy.copy(self)
        mine.rows, mine._strong = FaceRows(self._store, self._collection, strong=False), False
        return mine

    @property
    def face_ids(self) -> NDArray[np.int64]:
        """See :class:`Generation`; reads all rows the first time, as its neighbours do."""
        return self._owners[0]

    @property
    def person_ids(self) -> NDArray[np.int64]:
        """See :class:`Generation`."""
        return self._owners[1]

    @property
    def hubness(self) -> NDArray[np.float32]:
        """See :class:`Generation`."""
        return self._owners[2]

    @cached_property
    def _owners(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        kind = np.dtype([("face", np.int64), ("person", np.int64), ("hubness", np.float32)])
        rows = self._store.all_rows(self._collection, [KEY, "person_id", "hubness"], NAMED)
        told = np.fromiter(((row["id"], row["person_id"], row["hubness"]) for row in rows), kind)
        told.sort(order="face")
        return told["face"].copy(), told["person"].copy(), told["hubness"].copy()

    @cached_property
    def _all_vectors(self) -> Vectors:
        vectors = np.empty((len(self.face_ids), self._dimension), np.float32)
        for row in self._store.all_rows(self._collection, [KEY, "vector"], NAMED):
            vectors[np.searchsorted(self.face_ids, row["id"])] = row["vector"]
        return vectors

    def vectors(self, faces: Sequence[int] | NDArray[np.int64]) -> Vectors:
        """See :class:`Generation`."""
        if len(faces) > _FEW:
            return self._all_vectors[np.searchsorted(self.face_ids, faces)]
        return self.rows.vectors([int(face) for face in faces]).reshape(len(faces), -1)

    def vector(self, face: int) -> NDArray[np.float32] | None:
        """See :class:`Generation`."""
        known = self.rows.get([face])
        labelled = face in known and known[face]["person_id"] >= 0
        return np.array(known[face]["vector"], np.float32) if labelled else None

    def nearest(self, query: NDArray[np.float32], k: int, without_person: int | None = None) -> Nearest:
        """See :class:`Generation`; of ever so many no more than 16,384 come."""
        which = NAMED if without_person is None else f"{NAMED} and person_id != {without_person}"
        found = self._store.nearest(self._collection, query, k, which, ALL, self.effort, strong=self._strong)
        self.rows.keep(row for _, row in found)
        return Nearest(
            np.array([similarity for similarity, _ in found], np.float32),
            np.array([row["id"] for _, row in found], np.int64),
            np.array([row["person_id"] for _, row in found], np.int64),
        )

    def hubness_of(self, face: int) -> float:
        """See :class:`Generation`."""
        known = self.rows.get([face])
        return float(known[face]["hubness"]) if known else 0.0

    def faces_of(self, person: int) -> int:
        """See :class:`Generation`."""
        return self.rows.count_of(person)
