"""A report to show to others: nobody's name, photo or number in the gallery, and no face that can be known again."""

from __future__ import annotations

import secrets
from dataclasses import replace

import cv2
import numpy as np

from niteru.engine import Pixels
from niteru.indexer.ask.resemblance import PersonRow, Resemblance
from niteru.indexer.catalog.rows import FaceRow

_MOSAIC = 8
"""Squares a side that a face is made of. A blur will not do: by faces blurred over 9 pixels the network found the very
photo among 1,197 that were blurred alike, every time."""


class Masks:
    """New numbers for people and faces, drawn by lot, and so others in each report."""

    def __init__(self, rows: list[PersonRow]) -> None:
        """For these people and all faces that show them."""
        dice = secrets.SystemRandom()
        names = [row.person for row in rows]
        faces = sorted({face.id for row in rows for found in row.nearest for face in (found.face, found.other)})
        dice.shuffle(names)
        dice.shuffle(faces)
        self._names = {name: f"person {number}" for number, name in enumerate(names, start=1)}
        self.real = dict(enumerate(faces, start=1))
        """The id of each face in the gallery, by its new number."""
        self._numbers = {face: number for number, face in self.real.items()}

    def masked(self, rows: list[PersonRow]) -> list[PersonRow]:
        """The same rows of nobody in particular, in the order of their new names."""
        told = [
            replace(row, person=self._names[row.person], nearest=[self.pair(one) for one in row.nearest])
            for row in rows
        ]
        return sorted(told, key=lambda row: int(row.person.split()[1]))

    def pair(self, found: Resemblance) -> Resemblance:
        """The same two of nobody in particular."""
        return replace(found, face=self._face(found.face), other=self._face(found.other), same_person=False)

    def _face(self, face: FaceRow) -> FaceRow:
        number = self._numbers[face.id]
        return replace(face, id=number, person=self._names[str(face.person)], photo=f"face {number}")


def mosaic(crop: Pixels) -> Pixels:
    """A face of 8×8 squares, uint8 RGB of the size it had."""
    small = cv2.resize(crop, (_MOSAIC, _MOSAIC), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, crop.shape[1::-1], interpolation=cv2.INTER_NEAREST), np.uint8)
