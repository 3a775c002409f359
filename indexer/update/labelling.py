"""Whose face is whose in photos that show several: the label goes to the one that agrees with the person's others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.embedding.embedder import (
    ModelInfo,
)
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.rows import PhotoFaces

MARGIN = 0.1
"""How much more alike to the person's other photos a smaller face must be to take the label from the largest."""
AGREEING = "0.01"
"""False match rate at which two faces agree, by the model's own calibration."""


def settle_labels(catalog: Catalog, model: ModelInfo) -> None:
    """Give every photo's label to one of its faces; the others stay without a name.

    The same photos give the same labels, however many runs brought them in. Must run in a transaction.
    """
    least = model.calibration.get(AGREEING, 1.0)
    for person in catalog.queries.people_in_group_photos():
        photos = catalog.queries.photos_of_person(person, model.id)
        for photo, row in zip(photos, choose(photos, least), strict=True):
            # A video shows others too, alone: only who agrees with what else is known is the person.
            nobody = photo.moving and not _agrees(photo, row, photos, least)
            if photo.moving or len(photo.ids) > 1:
                catalog.label(None if nobody else int(photo.ids[row]), photo.ids.tolist(), person)


def _agrees(photo: PhotoFaces, row: int, photos: list[PhotoFaces], least: float) -> bool:
    """Whether a face of a moment is found again in half of the person's photos; without any, of the other moments."""
    others = [other for other in photos if not other.moving] or [other for other in photos if other is not photo]
    found = [float((other.vectors @ photo.vectors[row]).max()) for other in others]
    return not found or float(np.median(found)) >= least


def choose(photos: list[PhotoFaces], least: float) -> list[int]:
    """Which face of each of a person's photos is the person: the largest where there is nothing to agree with.

    Photos with one face say who the person is. Without such photos it is the face that is found again in most of
    the others.

    Args:
        photos: all photos of one person.
        least: similarity from which a smaller face can agree at all.

    Returns:
        A row of each photo; the same whatever the order of the photos, but for ties.
    """
    alone = [photo.vectors[0] for photo in photos if len(photo.ids) == 1 and not photo.moving]
    if not alone:  # a video has many moments, and each would have a voice
        alone = [photo.vectors[0] for photo in photos if len(photo.ids) == 1]
    if alone:
        witnesses = [np.sum(alone, axis=0)] * len(photos)
    else:
        picks = _found_again(photos)
        witnesses = [picks.sum(axis=0) - pick for pick in picks]  # no face speaks for itself
    return [_agreeing(photo, witness, least) for photo, witness in zip(photos, witnesses, strict=True)]


def _found_again(photos: list[PhotoFaces]) -> Vectors:
    """From each photo the face most alike to the one that has its like in most photos; shape (photos, dimension)."""
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
