"""Aligned crops of drawn people, on which models are tested: a new one before it is trusted, all for changes later.

One picture holds them all; ``python -m niteru.engine.embedding.reference`` draws it. It shows no real person.
"""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels
from niteru.engine.faces.alignment import CROP_SIZE, align
from niteru.engine.faces.contact_sheet import save_picture
from niteru.engine.photos.decode import decode

FILE = Path(__file__).with_name("reference.jpg")
PEOPLE, PHOTOS = 8, 4
_FIRST = 2
"""The first two drawn people are siblings."""


@functools.cache
def reference_crops() -> tuple[Pixels, NDArray[np.int64]]:
    """Return the crops, uint8 RGB (32, 112, 112, 3), and the number of each one's person, int64 (32,)."""
    mosaic = decode(FILE)
    crops = mosaic.reshape(PEOPLE, CROP_SIZE, PHOTOS, CROP_SIZE, 3).swapaxes(1, 2)
    return crops.reshape(-1, CROP_SIZE, CROP_SIZE, 3), np.repeat(np.arange(PEOPLE), PHOTOS)


def draw_mosaic() -> Pixels:
    """Draw the crops as one picture, a person in each line, uint8 RGB (896, 448, 3)."""
    from niteru.engine.drawn import draw, person

    rows = []
    for number in range(_FIRST, _FIRST + PEOPLE):
        drawings = [draw(person(number), photo) for photo in range(PHOTOS)]
        rows.append(np.hstack([align(drawing.image, drawing.landmarks) for drawing in drawings]))
    return np.vstack(rows)


if __name__ == "__main__":
    save_picture(FILE, draw_mosaic())
