"""Generation in a collection of Milvus, which searches it; rows are read only as they are needed."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from niteru.engine import Vectors
from niteru.engine.photos.dates.photo_date import PhotoDate
from niteru.indexer.generations.canary import Canary
from niteru.indexer.generations.columns import Columns
from niteru.indexer.generations.generation import Generation, Nearest
from niteru.indexer.generations.rarity_calibration import Calibration
from niteru.indexer.storage.milvus.rows import ALL, KEY, NAMED, FaceRows
from niteru.indexer.storage.milvus.store import Store

_FEW = 5_000
"""Most faces that are requested by id; for more than that, all are read once."""


class MilvusGeneration(Generation):
    """Generation whose faces, vectors and index are a collection of Milvus.

    Args:
        manifest, calibration, canary: see :class:`~niteru.indexer.generations.generation.Generation`.
        store: connection to Milvus.
        collection: name of the collection.
        strong: whether reads must see every write before them; a service accepts a state some seconds old.
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
        super().__init__(manifest, calibration, canary)
        self._store, self._collection, self._strong = store, collection, strong
        self.effort, self._dimension = int(manifest["effort"]), int(manifest["dimension"])
        self.rows = FaceRows(store, collection, strong=strong)
        self._columns: list[Columns] = []

    def for_request(self) -> MilvusGeneration:
        """Copy for one request, which reads each row at most once."""
        mine = copy.copy(self)
        mine.rows, mine._strong = FaceRows(self._store, self._collection, strong=False), False
        return mine

    @property
    @override
    def face_ids(self) -> NDArray[np.int64]:
        """Ids of the labelled faces, (n,); reads all rows once, as :attr:`person_ids` does."""
        return self._owners[0]

    @property
    @override
    def person_ids(self) -> NDArray[np.int64]:
        return self._owners[1]

    @cached_property
    def _owners(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]:
        names = KEY, "person_id", "hubness", "taken"
        kind = np.dtype([(name, np.float32 if name == "hubness" else np.int64) for name in names])
        rows = self._store.all_rows(self._collection, list(names), NAMED)
        faces = np.fromiter((tuple(row[name] for name in names) for row in rows), kind)
        faces.sort(order=KEY)
        return tuple(faces[name].copy() for name in names)  # type: ignore[return-value]

    @cached_property
    def _all_vectors(self) -> Vectors:
        vectors = np.empty((len(self.face_ids), self._dimension), np.float32)
        for row in self._store.all_rows(self._collection, [KEY, "vector"], NAMED):
            vectors[np.searchsorted(self.face_ids, row["id"])] = row["vector"]
        return vectors

    @property
    @override
    def columns(self) -> Columns:
        """Columns of the people; read once, also for the copies that requests work with."""
        if not self._columns:
            rows = self._store.all_rows(self._collection, ["person_id", "columns"], f'{NAMED} and columns != "[]"')
            self._columns.append(
                Columns(
                    (int(row["person_id"]), name, value) for row in rows for name, value in json.loads(row["columns"])
                )
            )
        return self._columns[0]

    @property
    @override
    def taken(self) -> NDArray[np.int64]:
        return self._owners[3]

    @override
    def taken_of(self, face: int) -> PhotoDate | None:
        known = self.rows.get([face])
        return PhotoDate.of_code(int(known[face]["taken"])) if known and known[face]["taken"] else None

    @override
    def vectors(self, faces: Sequence[int] | NDArray[np.int64]) -> Vectors:
        if len(faces) > _FEW:
            return self._all_vectors[np.searchsorted(self.face_ids, faces)]
        return self.rows.vectors([int(face) for face in faces]).reshape(len(faces), -1)

    @override
    def vector(self, face: int) -> NDArray[np.float32] | None:
        known = self.rows.get([face])
        labelled = face in known and known[face]["person_id"] >= 0
        return np.array(known[face]["vector"], np.float32) if labelled else None

    @override
    def nearest(
        self,
        query: NDArray[np.float32],
        k: int,
        without_person: int | None = None,
        people: NDArray[np.int64] | None = None,
        faces: NDArray[np.int64] | None = None,
    ) -> Nearest:
        """Search the nearest labelled faces in Milvus, which gives at most 16,384."""
        which = NAMED if people is None else f"person_id in {people.tolist()}"
        which += "" if faces is None else f" and {KEY} in {faces.tolist()}"
        which += "" if without_person is None else f" and person_id != {without_person}"
        found = self._store.nearest(self._collection, query, k, which, ALL, self.effort, strong=self._strong)
        self.rows.keep(row for _, row in found)
        return Nearest(
            np.array([similarity for similarity, _ in found], np.float32),
            np.array([row["id"] for _, row in found], np.int64),
            np.array([row["person_id"] for _, row in found], np.int64),
        )

    @override
    def hubness_of(self, faces: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float32]:
        if len(faces) > _FEW:
            return self._owners[2][np.searchsorted(self.face_ids, faces)]
        wanted = [int(face) for face in faces]
        known = self.rows.get(wanted)
        return np.array([known[face]["hubness"] if face in known else 0 for face in wanted], np.float32)

    @override
    def faces_of(self, person: int) -> int:
        return self.rows.count_of(person)
