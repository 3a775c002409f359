"""What the catalogue says of the faces of some people: their photos, and what is doubtful about them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from niteru.indexer.ask.how_sure import usual_spread
from niteru.indexer.ask.persons import Persons
from niteru.indexer.gallery import Gallery


class Catalogued:
    """Faces of people by their rows.

    Args:
        gallery: that has the faces.
        persons: the people.

    Attributes:
        persons: the people.
        photos: ref of each face's photo.
        poor: faces with a reason to doubt their quality, sorted by id.
        spreads: the model's spread for each face, float64 (n,); see :func:`niteru.indexer.ask.how_sure.usual_spread`.
    """

    def __init__(self, gallery: Gallery, persons: Persons) -> None:
        refs, calibration = gallery.catalog.queries.photo_of_faces(), gallery.generation.calibration
        rows = {face: row for row, face in enumerate(persons.face_ids.tolist())}
        self.persons = persons
        self.photos = [refs[face] for face in rows]
        self.poor = [face for face in gallery.catalog.queries.poor_faces() if face.id in rows]
        self.spreads: NDArray[np.float64] = np.full(len(rows), calibration.spread_of())
        for face in self.poor:
            self.spreads[rows[face.id]] = usual_spread(calibration, face)
