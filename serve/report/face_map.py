"""Map of faces: one picture of everybody's portrait, near the portraits that look alike."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from niteru.indexer.ask.map_of_people import LEAST_PEOPLE, lay_out
from niteru.indexer.ask.neighbours import Neighbours
from niteru.indexer.ask.persons import Persons
from niteru.indexer.gallery import Gallery

SHOWN = 2_000
"""Most people on a map; of more, those who look most like somebody."""
_PICTURE, _LEAST, _MOST = 1_600, 48, 112
"""Pixels per side: of the whole, as far as the limits of a cell allow, and those limits."""
FILE = "map.webp"
_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Place:
    """Cell of a person: the person's row and name, and the cell's column and line."""

    row: int
    name: str
    column: int
    line: int


@dataclass(frozen=True, slots=True)
class FaceMap:
    """Layout of the picture: ``side`` × ``side`` cells of ``cell`` pixels; ``whole`` if it has everybody."""

    side: int
    cell: int
    places: list[Place]
    whole: bool


def draw_map(gallery: Gallery, persons: Persons, found: Neighbours, folder: Path) -> FaceMap | None:
    """Draw the map into a folder; None if there are too few people to map.

    Raises:
        MapUnavailable: scikit-learn is not installed, or the faces do not differ.
    """
    if len(persons) < LEAST_PEOPLE:
        return None
    rows = np.sort(np.argsort(-found.scores[:, 0], kind="stable")[:SHOWN])
    grid = lay_out(persons.vectors[rows])
    cell = int(np.clip(_PICTURE // grid.side, _LEAST, _MOST))
    picture = np.zeros((grid.side * cell, grid.side * cell, 4), np.uint8)  # empty cells are transparent
    places = []
    for row, (column, line) in zip(rows.tolist(), grid.cells.tolist(), strict=True):
        places.append(Place(row, persons.names[row], column, line))
        crop = gallery.crop(int(persons.face_ids[persons.portrait(row)]))
        if crop is not None:
            small = cv2.resize(crop, (cell, cell), interpolation=cv2.INTER_AREA)
            area = picture[line * cell : (line + 1) * cell, column * cell : (column + 1) * cell]
            area[..., :3], area[..., 3] = small[..., ::-1], 255
    cv2.imwrite(str(folder / FILE), picture, [cv2.IMWRITE_WEBP_QUALITY, _QUALITY])
    return FaceMap(grid.side, cell, places, len(rows) == len(persons))
