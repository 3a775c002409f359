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
from niteru.engine.work.arrays import read_array
from niteru.indexer.generations.canary import Canary
from niteru.indexer.generations.columns import Columns
from niteru.indexer.generations.generation import Generation, Nearest
from niteru.indexer.generations.hubness import Strangers
from niteru.indexer.generations.index import KINDS, FlatIndex, Index
from niteru.indexer.generations.index.base import NO_ROWS
from niteru.indexer.generations.index.two_parts import TwoPartIndex
from niteru.indexer.generations.index.vector_file import map_vectors
from niteru.indexer.generations.rarity_calibration import Calibration

SUMS = "sha256"
"""What a manifest says of its files: the checksum of each."""
VECTORS, INDEX, STRANGERS, CALIBRATION = "vectors", "index", "strangers.npz", "calibration.json"
"""Files of a generation's sealed part; an exact index has none beside the vectors."""
ROWS, TAKEN, COLUMNS, CANARY = "rows.npy", "taken.npy", "columns.json", "canary.npz"
FRESH, PLACES = "fresh", "places.npy"
"""Files of a generation in two parts: the vectors that came since, if any did, and the place of each row, see
:class:`~niteru.indexer.generations.index.two_parts.TwoPartIndex`."""


class LocalGeneration(Generation):
    """One index over the labelled faces, and the face and person of each of its rows.

    Args:
        manifest, calibration, canary: see :class:`~niteru.indexer.generations.generation.Generation`.
        index: over the vectors, in one part or two.
        strangers: whom every face is compared with for its hubness.
        owners: ids of the faces and of their people, int64 (2, n).
        taken: dates of the photos, int64 (n,).
        columns: of the people.
    """

    def __init__(
        self,
        manifest: dict[str, Any],
        calibration: Calibration,
        canary: Canary,
        index: Index | TwoPartIndex,
        strangers: Strangers,
        owners: NDArray[np.int64],
        taken: NDArray[np.int64],
        columns: Columns,
    ) -> None:
        super().__init__(manifest, calibration, canary)
        self.index, self._strangers, self._taken, self._columns = index, strangers, taken, columns
        self._face_ids: NDArray[np.int64] = owners[0]
        self._person_ids: NDArray[np.int64] = owners[1]

    @property
    def places(self) -> tuple[int, NDArray[np.int64]]:
        """Number of rows of the sealed part, and the place of each face, (n,): in it, or from there on."""
        if isinstance(self.index, TwoPartIndex):
            return self.index.sealed, self.index.places
        return len(self.index), np.arange(len(self.index))

    @property
    @override
    def has_leftovers(self) -> bool:
        return isinstance(self.index, TwoPartIndex) and self.index.has_leftovers

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
    def hubness_of(self, faces: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float32]:
        asked = np.asarray(faces, np.int64)
        rows = np.minimum(np.searchsorted(self.face_ids, asked), len(self.face_ids) - 1)
        here = self.face_ids[rows] == asked
        found = np.zeros(len(asked), np.float32)
        found[here] = self._strangers.hubness(self.index.vectors(rows[here]), self.person_ids[rows[here]])
        return found

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
    owners = read_array(folder / ROWS)
    index = _open_index(folder, manifest)
    if not len(index) == owners.shape[1] == int(manifest["faces"]):
        raise ValueError("index and manifest differ in the number of faces")
    calibration = Calibration.from_json((folder / CALIBRATION).read_text())
    canary, columns = Canary.load(folder / CANARY), Columns.from_json((folder / COLUMNS).read_text(encoding="utf-8"))
    strangers, taken = Strangers.load(folder / STRANGERS), read_array(folder / TAKEN)
    return LocalGeneration(manifest, calibration, canary, index, strangers, owners, taken, columns)


def _open_index(folder: Path, manifest: dict[str, Any]) -> Index | TwoPartIndex:
    sealed = KINDS[manifest["kind"]].load(folder / INDEX, map_vectors(folder / VECTORS))
    sealed.effort = int(manifest["effort"])
    if PLACES not in manifest[SUMS]:
        return sealed
    fresh = FlatIndex.build(map_vectors(folder / FRESH)) if FRESH in manifest[SUMS] else None
    return TwoPartIndex(sealed, fresh, read_array(folder / PLACES))
