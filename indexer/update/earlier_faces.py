"""Faces of a photo before it was read again: what is known of them goes on for those found in the same places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from niteru.engine.faces.face import overlap
from niteru.engine.photos.person_name import group_number
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.catalog.verdicts import SAME_FACE
from niteru.indexer.update.reading import ReadFace

_SAME_VECTOR = 0.8
"""Cosine of two vectors of one face, found anew in a picture whose file was changed."""


@dataclass(frozen=True, slots=True, eq=False)
class EarlierFaces:
    """The faces of a photo as the catalogue has them, with the vectors of one model, by face id."""

    sha256: str
    faces: list[FaceRow]
    vectors: dict[int, NDArray[np.float32]]

    @staticmethod
    def of(catalog: Catalog, ref: str, sha256: str, model: str) -> EarlierFaces:
        """Remember the faces of a photo, whose content is known by its hash."""
        faces = catalog.queries.faces_of_photo(ref)
        known = catalog.queries.vectors_of_faces((face.id for face in faces), model)
        return EarlierFaces(sha256, faces, {face.face: face.vector for face in known})

    def hand_over(self, catalog: Catalog, sha256: str, ids: Sequence[int], faces: Sequence[ReadFace]) -> None:
        """Put new faces into the groups of the earlier ones, and say of new content what was said of the old.

        A file that a photo program wrote a rating into has the same faces in the same places; one that was replaced by
        another picture has not, and nothing goes on.

        Args:
            catalog: which has the new faces. Must run in a transaction.
            sha256: of the new content.
            ids: of the new faces.
            faces: the new ones.
        """
        edited = sha256 != self.sha256
        same = {
            number: one
            for number, face in zip(ids, faces, strict=True)
            for one in self.faces
            if self._is_in_place(one, face) and not (edited and self._is_another(one, face))
        }
        if edited and {one.id for one in same.values()} != {one.id for one in self.faces}:
            return
        if edited:
            catalog.verdicts.follow(self.sha256, sha256)
        groups = {number: one.person_id for number, one in same.items() if one.person and group_number(one.person)}
        catalog.labels.put(groups)

    def _is_in_place(self, one: FaceRow, face: ReadFace) -> bool:
        return one.second == face.second and overlap(one.box, face.face.box) >= SAME_FACE

    def _is_another(self, one: FaceRow, face: ReadFace) -> bool:
        vector = self.vectors.get(one.id)
        return vector is None or float(vector @ face.vector) < _SAME_VECTOR


def without_forgotten(catalog: Catalog, sha256: str, faces: Sequence[ReadFace]) -> list[ReadFace]:
    """Those faces of a photo that were not forgotten in an earlier one with the same content."""
    gone = catalog.verdicts.forgotten_in(sha256)
    return [
        face
        for face in faces
        if not any(second == face.second and overlap(box, face.face.box) >= SAME_FACE for box, second in gone)
    ]
