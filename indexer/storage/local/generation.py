"""Generation in the files of one folder; its index is mapped into memory, not read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from niteru.engine import Vectors
from niteru.engine.photos.dates.photo_date import PhotoDate
from niteru.indexer.generations.canary import Canary
from niteru.indexer.generations.columns import Columns
from niteru.indexer.generations.generation import Generation, Nearest
from niteru.indexer.generations.index import KINDS, Index
from niteru.indexer.generations.index.base import NO_ROWS
from niteru.indexer.generations.rarity_calibration import Calibration

INDEX, ROWS, HUBNESS, CALIBRATION = "index", "rows.npy", "hubness.npy", "calibration.json"
CANARY, COLUMNS, TAKEN = "canary.npz", "columns.json", "taken.npy"


class LocalGeneration(Generation):
    """One index over the labelled faces, and the face, person and hubness of each of its rows.

    Args:
        manifest, calibration, canary: see :class:`~niteru.indexer.generations.generation.Generation`.
        index: over the vectors.
        owners: ids of the faces and of their people, int64 (2, n).
        hubness: float32 (n,).
        taken: dates of the photos, int64 (n,).
        columns: of the people.
    """

    def __init__(
        self,
        manifest: dict[str, Any],
        calibration: Calibration,
        canary: Canary,
        index: Index,
        owners: NDArray[np.int64],
        hubness: NDArray[np.float32],
        taken: NDArray[np.int64],
        columns: Columns,
    ) -> None:
        super().__init__(manifest, calibration, canary)
        self.index, self._hubness, self._taken, self._columns = index, hubness, taken, columns
        self._face_ids: NDArray[np.int64] = owners[0]
        self._person_ids: NDArray[np.int64] = owners[1]

    @property
    @override
    def face_ids(self) -> NDArray[np.int64]:
        return self._face_ids

    @property
    @override
    def person_ids(self) -> NDArray[np.int64]:
        return self._person_ids

    @property
    @override
    def hubness(self) -> NDArray[np.float32]:
        return self._hubness

    @property
    @override
    def taken(self) -> NDArray[np.int64]:
        return self._taken

    @override
    def taken_of(self, face: int) -> PhotoDate | None:
        row = self._row(face)
        return None if row is None or not self._taken[row] else PhotoDate.of_code(int(self._taken[row]))

    @property
    @override
    def columns(self) -> Columns:
        return self._columns

    @override
    def vectors(self, faces: Sequence[int] | NDArray[np.int64]) -> Vectors:
        return self.index.vectors(np.searchsorted(self.face_ids, faces))

    @override
    def vector(self, face: int) -> NDArray[np.float32] | None:
        row = self._row(face)
        return None if row is None else self.index.vectors(np.array([row]))[0]

    @override
    def nearest(
        self,
        query: NDArray[np.float32],
        k: int,
        without_person: int | None = None,
        people: NDArray[np.int64] | None = None,
        faces: NDArray[np.int64] | None = None,
    ) -> Nearest:
        without = NO_ROWS if without_person is None else self._rows_of(without_person)
        for owners, some in ((self.person_ids, people), (self.face_ids, faces)):
            if some is not None:
                left_out = ~np.isin(owners, some)
                left_out[without] = True
                without = np.flatnonzero(left_out)
        similarities, rows = self.index.search(query[None], k, without)
        return Nearest(similarities[0], self.face_ids[rows[0]], self.person_ids[rows[0]])

    @override
    def hubness_of(self, face: int) -> float:
        row = self._row(face)
        return 0.0 if row is None else float(self._hubness[row])

    @override
    def faces_of(self, person: int) -> int:
        return len(self._rows_of(person))

    def _rows_of(self, person: int) -> NDArray[np.int64]:
        order, people = self._by_person
        first, end = np.searchsorted(people, (person, person + 1))
        return order[first:end]

    @cached_property
    def _by_person(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows sorted by person, and the person of each."""
        order = np.argsort(self.person_ids, kind="stable")
        return order, self.person_ids[order]

    def _row(self, face: int) -> int | None:
        row = int(self.face_ids.searchsorted(face))  # of the array itself: half the time, thirty times an answer
        return row if row < len(self.face_ids) and self.face_ids[row] == face else None


def open_generation(folder: Path, manifest: dict[str, Any]) -> LocalGeneration:
    """Open the files of a generation.

    Raises:
        OSError, ValueError, TypeError, KeyError, RuntimeError, BadZipFile: a file is missing or damaged.
        ExtraMissing: the package for this kind of index is not installed.
    """
    owners = np.load(folder / ROWS)
    index = KINDS[manifest["kind"]].load(folder / INDEX, int(manifest["dimension"]))
    index.effort = int(manifest["effort"])
    if not len(index) == owners.shape[1] == int(manifest["faces"]):
        raise ValueError("index and manifest differ in the number of faces")
    calibration = Calibration.from_json((folder / CALIBRATION).read_text())
    canary, columns = Canary.load(folder / CANARY), Columns.from_json((folder / COLUMNS).read_text(encoding="utf-8"))
    hubness, taken = np.load(folder / HUBNESS), np.load(folder / TAKEN)
    return LocalGeneration(manifest, calibration, canary, index, owners, hubness, taken, columns)
