"""Albums: folders that show many people, so that their names are nobody's.

In folders of one person the face that recurs most is in 44 % of the photos at least (272 people of three sets, with
wrong labels among them), and in mixtures of five people in a third at most.
"""

from __future__ import annotations

import numpy as np

from niteru.indexer.catalog.rows import PhotoFaces

LEAST_PHOTOS = 12
"""Photos from which on a folder can be told to be an album."""
_RECURRING = 0.4
"""Share of the photos in which the person of a folder must be found again."""
_SAMPLED = 200


def is_album(photos: list[PhotoFaces], least: float) -> bool:
    """Whether no face recurs often enough in a folder for its name to be a person's.

    Args:
        photos: all photos of the folder with a face.
        least: similarity from which two faces agree.
    """
    if len(photos) < LEAST_PHOTOS:
        return False
    step = max(len(photos) // _SAMPLED, 1)
    some = photos[::step]
    faces = np.concatenate([photo.vectors for photo in some])
    starts = np.cumsum([0, *(len(photo.ids) for photo in some[:-1])])
    found_in = np.maximum.reduceat(faces @ faces.T, starts, axis=1) >= least
    return float(found_in.mean(axis=1).max()) < _RECURRING
