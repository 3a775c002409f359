"""Whether a resemblance is so rare that it may be one person, decided so that strangers are hardly ever told so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from niteru.indexer.generations.generation import Generation
from niteru.indexer.generations.rarity_calibration import Calibration

NEAR_DUPLICATE = 0.97
"""Cosine above which two faces are of one picture, cropped or saved twice."""
WRONGLY = 1e-3
"""Share of the questions by strangers in which somebody may be called the same person."""


@dataclass(frozen=True, slots=True)
class SamePerson:
    """Test whether two resemble each other as no two strangers do, in a gallery of any size.

    A question has as many chances to be wrong as it is compared with faces, or people: each of them gets its part of
    one in a thousand.

    Attributes:
        faces: similarity of two faces from which they may be one person's; infinity where that is not known.
        averages: the same for the mean of several photos.
    """

    faces: float
    averages: float

    @staticmethod
    def by_faces(generation: Generation) -> SamePerson:
        """Test for a photo, or the mean of some, and the nearest face of a person."""
        return SamePerson.of(generation.calibration, generation.faces, generation.faces)

    @staticmethod
    def by_people(generation: Generation) -> SamePerson:
        """Test for two people by their means."""
        return SamePerson.of(generation.calibration, generation.faces, generation.people)

    @staticmethod
    def of(calibration: Calibration, faces: int, chances: int) -> SamePerson:
        """Test for a gallery of so many faces, and means that are compared so many times in a question."""
        return SamePerson(
            calibration.hardly_reached(WRONGLY / max(faces, 1)),
            calibration.hardly_reached_by_averages(WRONGLY / max(chances, 1)),
        )

    def holds(self, similarity: float, agreement: float = 1.0) -> bool:
        """Whether the two may be one person.

        Args:
            similarity: cosine of two faces or means.
            agreement: mean similarity of the faces to their means, both sides multiplied; 1 for two single faces. The
                similarity times this is that of the photos on average, which strangers reach no more often than two
                photos do.
        """
        return bool(self.hold(np.array([similarity]), np.array([agreement]))[0])

    def hold(self, similarities: NDArray[np.float64], agreements: NDArray[np.float64]) -> NDArray[np.bool_]:
        """The same of each of several pairs, bool (m,)."""
        by_averages = (similarities * agreements >= self.faces) | (similarities >= self.averages)
        return np.where(agreements < 1, by_averages, similarities >= min(self.faces, NEAR_DUPLICATE))
