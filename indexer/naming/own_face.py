"""Which face is the person's in a photo of several: the one that agrees with their other photos."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.embedding.embedder import ModelInfo
from niteru.indexer.catalog.rows import PhotoFaces

MARGIN = 0.1
"""Cosine by which another face must agree better with the other photos to take the label from the main one."""
AGREEING = "0.01"
"""False match rate from which two faces agree, by the model's own calibration."""


def own_faces(photos: list[PhotoFaces], model: ModelInfo) -> list[int]:
    """Ids of the faces that are the person's, one in each photo of a person's folder.

    A moment of a video may show somebody else alone: its face must agree with the other photos, or it is left out.

    Args:
        photos: all photos of one folder, with a face each or several.
        model: whose vectors the faces have.
    """
    least = agreeing(model)
    return [
        int(photo.ids[row])
        for photo, row in zip(photos, choose(photos, least), strict=True)
        if not photo.moving or _agrees(photo, row, photos, least)
    ]


def agreeing(model: ModelInfo) -> float:
    """Similarity from which two faces agree, by a model."""
    return model.calibration.get(AGREEING, 1.0)


def _agrees(photo: PhotoFaces, row: int, photos: list[PhotoFaces], least: float) -> bool:
    """Whether a moment's face recurs in half of the person's photos; without photos, in half of the other moments."""
    others = [other for other in photos if not other.moving] or [other for other in photos if other is not photo]
    found = [float((other.vectors @ photo.vectors[row]).max()) for other in others]
    return not found or float(np.median(found)) >= least


def choose(photos: list[PhotoFaces], least: float) -> list[int]:
    """Choose the person's face in each of their photos; the main one where there is nothing to agree with.

    Photos with one face show what the person looks like. Without such photos, the face that recurs in most of the
    others does.

    Args:
        photos: all photos of one person.
        least: similarity from which a face can agree at all.

    Returns:
        The row of a face for each photo; but for ties, the order of the photos does not matter.
    """
    alone = [photo.vectors[0] for photo in photos if len(photo.ids) == 1 and not photo.moving]
    if not alone:  # moments of videos only without photos: a video has many, and each would count
        alone = [photo.vectors[0] for photo in photos if len(photo.ids) == 1]
    if alone:
        witnesses = [np.sum(alone, axis=0)] * len(photos)
    else:
        picks = _found_again(photos)
        witnesses = [picks.sum(axis=0) - pick for pick in picks]  # no face is a witness for itself
    return [_agreeing(photo, witness, least) for photo, witness in zip(photos, witnesses, strict=True)]


def _found_again(photos: list[PhotoFaces]) -> Vectors:
    """The face of each photo nearest to the face that recurs most over all photos, float32 (photos, dimension)."""
    faces = np.concatenate([photo.vectors for photo in photos])
    ends = np.cumsum([len(photo.ids) for photo in photos])
    similarity = faces @ faces.T
    best = [part.max(axis=1) for part in np.split(similarity, ends[:-1], axis=1)]
    seed = int(np.sum(best, axis=0).argmax())
    rows = [int(part.argmax()) for part in np.split(similarity[seed], ends[:-1])]
    return np.stack([photo.vectors[row] for photo, row in zip(photos, rows, strict=True)])


def _agreeing(photo: PhotoFaces, witness: NDArray[np.float32], least: float) -> int:
    length = float(np.linalg.norm(witness))
    if length < 1e-6:
        return 0
    similarities = photo.vectors @ (witness / length)
    best = int(similarities.argmax())
    return best if similarities[best] >= max(least, similarities[0] + MARGIN) else 0
