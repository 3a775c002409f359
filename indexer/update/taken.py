"""When the photos of published faces were taken: as published before, and judged again where something has changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.generations.generation import Generation, count_different
from niteru.indexer.lives.dates_of_photos import dates_of_photos


@dataclass(frozen=True, eq=False)
class Taken:
    """Dates of the photos of faces.

    Attributes:
        codes: of each face's photo, int64 (n,), see :class:`~niteru.indexer.generations.generation.Listing`.
        photos: number of photos with a date.
        passing: ids of the photos whose date is to be judged again next time, whether anything of them changes or not.
    """

    codes: NDArray[np.int64]
    photos: int
    passing: set[int]


NEVER_TAKEN = Taken(np.empty(0, np.int64), 0, set())
"""Of no faces."""


def taken_of(catalog: Catalog, faces: NDArray[np.int64], current: Generation | None) -> Taken:
    """The dates of the photos of labelled faces.

    Args:
        catalog: to read.
        faces: ids, ascending, int64 (n,).
        current: the current generation, if it is sound. What it says of faces holds while nothing of their photos has
            changed: the catalogue notes what does, from one publication to the next. So the last one that the
            catalogue knows of must be this generation's.
    """
    labelled, photos = catalog.queries.photos_of_labelled_faces()
    photos = photos[np.searchsorted(labelled, faces)]
    codes, known = np.zeros(len(faces), np.int64), np.zeros(len(faces), np.bool_)
    if current is not None and current.number == catalog.queries.last_published():
        rows = np.minimum(np.searchsorted(current.face_ids, faces), len(current.face_ids) - 1)
        known = (current.face_ids[rows] == faces) & ~np.isin(photos, catalog.dates.undated())
        codes[known] = current.taken[rows[known]]
    dates = dates_of_photos(catalog, set(photos[~known].tolist()) if known.any() else None)
    codes[~known] = [dates.codes.get(photo, 0) for photo in photos[~known].tolist()]
    return Taken(codes, count_different(photos[codes > 0]), dates.passing)
