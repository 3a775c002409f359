"""Anonymisation of a report for showing to others: no name, photo, id or column, and no recognisable face."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from niteru.engine import Pixels
from niteru.indexer.ask.resemblance import PersonRow, PersonRows, Resemblance, ShownFace

_MOSAIC = 8
"""Squares per side of a mosaic. Blurring is not enough: from faces blurred over 9 pixels the network found the right
photo among 1,197 others, blurred alike, every time."""


class Masks:
    """Random numbers that replace people and faces, different in each report."""

    def __init__(self, rows: PersonRows) -> None:
        dice = secrets.SystemRandom()
        people, shown = list(range(len(rows))), np.union1d(rows.nearest.mine, rows.nearest.theirs)
        faces = rows.persons.face_ids[shown].tolist()
        dice.shuffle(people)
        dice.shuffle(faces)
        self._rows, self._people = rows, people
        self.names = [f"person {number}" for number in range(1, len(people) + 1)]
        """The new names, in order."""
        self._names = {rows.persons.names[row]: name for row, name in zip(people, self.names, strict=True)}
        self.real = dict(enumerate(faces, start=1))
        """Ids of the faces in the gallery, by their new numbers."""
        self._numbers = {face: number for number, face in self.real.items()}

    def __iter__(self) -> Iterator[PersonRow]:
        """Rows by the new names, with people and faces replaced, and without what tables say."""
        for row in self._rows.of(self._people):
            nearest = [self.pair(one) for one in row.nearest]
            yield replace(row, person=self._names[row.person], nearest=nearest, columns={})

    def pair(self, found: Resemblance) -> Resemblance:
        """Replace the people and faces of a pair."""
        return replace(found, face=self._face(found.face), other=self._face(found.other), same_person=False)

    def _face(self, face: ShownFace) -> ShownFace:
        number = self._numbers[face.id]
        return ShownFace(number, f"face {number}", self._names[face.person])


def mosaic(crop: Pixels) -> Pixels:
    """Reduce a face to 8×8 squares, at its original size (uint8 RGB)."""
    small = cv2.resize(crop, (_MOSAIC, _MOSAIC), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, crop.shape[1::-1], interpolation=cv2.INTER_NEAREST), np.uint8)
