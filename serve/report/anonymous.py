"""Anonymisation of a report for showing to others: no name, photo, id or column, and no recognisable face."""

from __future__ import annotations

import secrets
from dataclasses import replace

import cv2
import numpy as np

from niteru.engine import Pixels
from niteru.indexer.ask.resemblance import PersonRow, Resemblance
from niteru.indexer.catalog.rows import FaceRow

_MOSAIC = 8
"""Squares per side of a mosaic. Blurring is not enough: from faces blurred over 9 pixels the network found the right
photo among 1,197 others, blurred alike, every time."""


class Masks:
    """Random numbers that replace people and faces, different in each report."""

    def __init__(self, rows: list[PersonRow]) -> None:
        dice = secrets.SystemRandom()
        names = [row.person for row in rows]
        faces = sorted({face.id for row in rows for found in row.nearest for face in (found.face, found.other)})
        dice.shuffle(names)
        dice.shuffle(faces)
        self._names = {name: f"person {number}" for number, name in enumerate(names, start=1)}
        self.real = dict(enumerate(faces, start=1))
        """Ids of the faces in the gallery, by their new numbers."""
        self._numbers = {face: number for number, face in self.real.items()}

    def masked(self, rows: list[PersonRow]) -> list[PersonRow]:
        """Replace people and faces in rows, drop what tables say, and sort the rows by the new names."""
        masked = [
            replace(row, person=self._names[row.person], nearest=[self.pair(one) for one in row.nearest], columns={})
            for row in rows
        ]
        return sorted(masked, key=lambda row: int(row.person.split()[1]))

    def pair(self, found: Resemblance) -> Resemblance:
        """Replace the people and faces of a pair."""
        return replace(found, face=self._face(found.face), other=self._face(found.other), same_person=False)

    def _face(self, face: FaceRow) -> FaceRow:
        number = self._numbers[face.id]
        return replace(face, id=number, person=self._names[str(face.person)], photo=f"face {number}")


def mosaic(crop: Pixels) -> Pixels:
    """Reduce a face to 8×8 squares, at its original size (uint8 RGB)."""
    small = cv2.resize(crop, (_MOSAIC, _MOSAIC), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, crop.shape[1::-1], interpolation=cv2.INTER_NEAREST), np.uint8)
