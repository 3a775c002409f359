"""How far one photo's say about a likeness lies from what all photos of its person say, by the photo's blur."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels, Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.pooling import robust_mean
from niteru.engine.evaluation.crop_set import CropSet
from niteru.engine.faces.quality import blur_of

LEAST_PHOTOS = 4
"""Photos of a person from which all of them say something that one does not."""
LEAST_PEOPLE = 12
MOST_FACES, MOST_PHOTOS = 1_500, 12
"""Of all people together, and of one: the famous would outweigh the others."""
ALIKE = 10
"""The most alike people of each photo: those that an answer shows."""
SIGMAS = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0)
"""Blurs that are tried, in pixels of the crop."""


def photo_spread(embedder: Embedder, faces: CropSet) -> dict[str, float]:
    """Ask with each photo, and again with all photos of its person; compare what is said of the most alike people.

    Args:
        embedder: model to measure.
        faces: crops of labelled people that it was not trained on.

    Returns:
        The root of the mean squared difference of the similarities, by the median blur of the photos that asked: as
        they are, and blurred in steps. The lists of one photo begin with people whom it happens to favour, so that they
        are too high on the whole; that counts as a difference. Empty where fewer than 12 people have four photos.
    """
    rows, people = _sample(faces.people)
    if len(np.unique(people)) < LEAST_PEOPLE:
        return {}
    crops = np.asarray(faces.crops[rows])
    gallery = embedder.embed(crops)
    spread = {}
    for sigma in SIGMAS:
        asking = crops if sigma == 0 else _blurred(crops, sigma)
        vectors = gallery if sigma == 0 else embedder.embed(asking)
        blur = float(np.median([blur_of(crop) for crop in asking]))
        squares = squared_differences(vectors, gallery, people)
        spread[f"{blur:.2f}"] = round(float(np.sqrt(squares.mean())), 4)
    return spread


def squared_differences(asking: Vectors, gallery: Vectors, people: NDArray[np.int64]) -> NDArray[np.float64]:
    """Squared differences between the answers to one photo and to all photos of its person.

    Args:
        asking: vectors that ask, a row for each of the gallery's, float32 (n, dimension).
        gallery: unit vectors sorted by person, float32 (n, dimension).
        people: number of each one's person, ascending from 0, int (n,).

    Returns:
        float64 (n, alike), of the people most alike by the one photo.
    """
    starts, counts = np.unique(people, return_index=True, return_counts=True)[1:]
    means = np.stack([robust_mean(gallery[people == person]) for person in range(len(starts))])
    by_one = np.maximum.reduceat(asking @ gallery.T, starts, axis=1)
    by_all = np.maximum.reduceat(means @ gallery.T, starts, axis=1)[people]
    by_one[np.arange(len(people)), people] = -2  # a person is no look-alike of their own
    shown = np.argsort(-by_one, axis=1)[:, : min(ALIKE, len(starts) - 1)]
    apart = np.take_along_axis(by_all - by_one, shown, axis=1).astype(np.float64)
    # The photo that asks is one of all: of n photos it lies nearer to their mean than to that of others.
    return np.asarray(apart**2 / (1 - 1 / counts[people])[:, None])


def _sample(names: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of the photos of people with enough of them, sorted by person, and the number of each one's person."""
    numbers, counts = np.unique(names, return_inverse=True, return_counts=True)[1:]
    dice, chosen = np.random.default_rng(0), np.empty(0, np.int64)
    for person in dice.permutation(np.flatnonzero(counts >= LEAST_PHOTOS)):
        if len(chosen) >= MOST_FACES:
            break
        chosen = np.append(chosen, dice.permutation(np.flatnonzero(numbers == person))[:MOST_PHOTOS])
    chosen = chosen[np.argsort(numbers[chosen], kind="stable")]
    return chosen, np.unique(numbers[chosen], return_inverse=True)[1].astype(np.int64)


def _blurred(crops: Pixels, sigma: float) -> Pixels:
    return np.stack([np.asarray(cv2.GaussianBlur(crop, (0, 0), sigma), np.uint8) for crop in crops])
