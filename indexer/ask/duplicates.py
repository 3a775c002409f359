"""Duplicates: the same picture twice, saved again, cropped a little or shrunk, found by the pixels of aligned faces.

Vectors cannot find them: two photos of one person reach .99, and a smaller copy of one falls to .78. The aligned grey
faces of copies nearly always correlate by .975 and more, those of other photos of one person by less (docs/report.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels
from niteru.indexer.ask.neighbours import Neighbours
from niteru.indexer.ask.persons import Persons
from niteru.indexer.gallery import Gallery

CORRELATION = 0.975
_SIDE = 24
_MARGIN = 8
"""Pixels at the rim of a crop that are not compared: a cropped picture may lack them."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Rows of two faces from one picture, and the correlation of their pixels."""

    one: int
    other: int
    correlation: float


def copies(gallery: Gallery, persons: Persons, found: Neighbours) -> Iterator[Copies]:
    """Find duplicates among each person's pictures, and among those of near neighbours."""
    small = np.empty((len(persons.face_ids), _SIDE * _SIDE), np.float16)
    for row, face in enumerate(persons.face_ids.tolist()):
        small[row] = _fingerprint(gallery.crop(face))
    near = [set(row) for row in found.rows.tolist()]
    for person in range(len(persons)):
        # Each pair of people once: mutual neighbours from the first of the two.
        others = [other for other in near[person] if other > person or person not in near[other]]
        rows = np.concatenate([np.arange(*persons.starts[one : one + 2]) for one in (person, *sorted(others))])
        mine = np.arange(*persons.starts[person : person + 2])
        correlations = small[mine].astype(np.float32) @ small[rows].astype(np.float32).T
        correlations[:, : len(mine)] = np.triu(correlations[:, : len(mine)], 1)
        for second in np.flatnonzero((correlations >= CORRELATION).any(axis=0)).tolist():
            first = int((correlations[:, second] >= CORRELATION).argmax())  # report each copy once, with the first
            yield Copies(int(mine[first]), int(rows[second]), float(correlations[first, second]))


def _fingerprint(crop: Pixels | None) -> NDArray[np.float32]:
    """Middle of a crop, grey and small, with mean 0 and length 1, float32 (576,); zeros for a lost or flat one."""
    if crop is None:
        return np.zeros(_SIDE * _SIDE, np.float32)
    middle = cv2.cvtColor(crop[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN], cv2.COLOR_RGB2GRAY)
    small = cv2.resize(middle, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    small -= small.mean()
    length = float(np.linalg.norm(small))
    return small / length if length > 1 else np.zeros_like(small)
