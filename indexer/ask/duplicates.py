"""Duplicates: the same picture twice, saved again, cropped a little or shrunk, found by the pixels of aligned faces.

Vectors cannot find them: two photos of one person reach .99, and a smaller copy of one falls to .78. The aligned grey
faces of copies nearly always correlate by .975 and more, those of other photos of one person by less (docs/report.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels
from niteru.engine.work.usable_cores import usable_cores
from niteru.indexer.ask.compared import Rows, rows_of
from niteru.indexer.ask.persons import Persons
from niteru.indexer.gallery import Gallery

CORRELATION = 0.975
_SIDE = 24
_AT_ONCE = 1_024
_MARGIN = 8
"""Pixels at the rim of a crop that are not compared: a cropped picture may lack them."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Rows of two faces from one picture, and the correlation of their pixels."""

    one: int
    other: int
    correlation: float


def copies(gallery: Gallery, persons: Persons, pairs: Rows) -> Iterator[Copies]:
    """Find duplicates among each person's pictures, and among those of pairs of people, int64 (m, 2), by the first."""
    small = _fingerprints(gallery, persons.face_ids.tolist())
    bounds = np.searchsorted(pairs[:, 0], np.arange(len(persons) + 1))
    for person in range(len(persons)):
        others, mine = np.sort(pairs[bounds[person] : bounds[person + 1], 1]), persons.rows(person)
        rows, _ = rows_of(persons.starts, np.concatenate([[person], others]))
        if len(rows) == 1:
            continue
        own = small[mine].astype(np.float32)
        for start in range(0, len(rows), _AT_ONCE):
            theirs = small[rows[start : start + _AT_ONCE]].astype(np.float32)
            before = own[: start + len(theirs)]
            correlations = before @ theirs.T
            is_before = np.arange(len(before))[:, None] < start + np.arange(len(theirs))
            alike = is_before & (correlations >= CORRELATION)
            for column in np.flatnonzero(alike.any(axis=0)).tolist():
                first = int(alike[:, column].argmax())  # report each copy once, with the first
                yield Copies(mine.start + first, int(rows[start + column]), float(correlations[first, column]))


def _fingerprints(gallery: Gallery, faces: list[int]) -> NDArray[np.float16]:
    """Fingerprints of the crops of faces, float16 (n, 576), read by all cores."""
    small = np.empty((len(faces), _SIDE * _SIDE), np.float16)

    def read(start: int) -> None:
        for row, face in enumerate(faces[start : start + _AT_ONCE], start):
            small[row] = _fingerprint(gallery.crop(face))

    with ThreadPoolExecutor(usable_cores()) as pool:
        list(pool.map(read, range(0, len(faces), _AT_ONCE)))
    return small


def _fingerprint(crop: Pixels | None) -> NDArray[np.float32]:
    """Middle of a crop, grey and small, with mean 0 and length 1, float32 (576,); zeros for a lost or flat one."""
    if crop is None:
        return np.zeros(_SIDE * _SIDE, np.float32)
    middle = cv2.cvtColor(crop[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN], cv2.COLOR_RGB2GRAY)
    small = cv2.resize(middle, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    small -= small.mean()
    length = float(np.linalg.norm(small))
    return small / length if length > 1 else np.zeros_like(small)
