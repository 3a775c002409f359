"""Whose face is whose in photos that show several: the label goes to the one that agrees with the person's others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.embedder import ModelInfo
from indexer.catalog import Catalog
from indexer.rows import PhotoFaces

MARGIN = 0.1
"""How much more alike to the person's other photos a smaller face must be to take the label from the largest."""
AGREEING = "0.01"
"""False match rate at which two faces agree, by the model's own calibration."""
ROUNDS = 5


def settle_labels(catalog: Catalog, model: ModelInfo) -> None:
    """Give every photo's label to one of its faces; the others stay without a name.

    The same photos give the same labels, however many runs brought them in. Must run in a transaction.
    """
    least = model.calibration.get(AGREEING, 1.0)
    for person in catalog.crowded_people():
        photos = catalog.photos_of_person(person, model.id)
        for photo, row in zip(photos, choose(photos, least), strict=True):
            if len(photo.ids) > 1:
                catalog.label(int(photo.ids[row]), photo.ids.tolist(), person)


def choose(photos: list[PhotoFaces], least: float) -> list[int]:
    """Which face of each of a person's photos is the person: the largest where there is nothing to agree with.

    Photos with one face say who the person is; without such photos, the largest faces do, until the choice stands.

    Args:
        photos: all photos of one person.
        least: similarity from which a smaller face can agree at all.

    Returns:
        A row of each photo.
    """
    chosen = [0] * len(photos)
    witnesses = [len(photo.ids) == 1 for photo in photos]
    if not any(witnesses):
        witnesses = [True] * len(photos)
    for _ in range(ROUNDS):
        before = list(chosen)
        picked = np.stack([photo.vectors[row] for photo, row in zip(photos, chosen, strict=True)])
        total = picked[witnesses].sum(axis=0)
        for i, photo in enumerate(photos):
            others = total - picked[i] * witnesses[i]
            if len(photo.ids) > 1 and np.linalg.norm(others) > 1e-6:
                chosen[i] = _agreeing(photo.vectors @ (others / np.linalg.norm(others)), least)
        if chosen == before:
            break
    return chosen


def _agreeing(similarities: NDArray[np.float32], least: float) -> int:
    best = int(similarities.argmax())
    return best if similarities[best] >= max(least, similarities[0] + MARGIN) else 0
