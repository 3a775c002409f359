"""The map of faces: one picture of everybody's portrait, each near those it looks like, and where whose face is."""

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
"""People on a map; of more those who look most like somebody."""
_PICTURE, _LEAST, _MOST = 1_600, 48, 112
"""Pixels a side: of the whole, if the cells can be so; of a cell."""
FILE = "map.webp"
_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Place:
    """Whose cell it is: row of the person, name, column and line."""

    row: int
    name: str
    column: int
    line: int


@dataclass(frozen=True, slots=True)
class FaceMap:
    """``side`` × ``side`` cells of ``cell`` pixels; the places of those who are on it; whether that is everybody."""

    side: int
    cell: int
    places: list[Place]
    whole: bool


def draw_map(gallery: Gallery, persons: Persons, found: Neighbours, folder: Path) -> FaceMap | None:
    """Draw the map as a picture in a folder; None for so few people that there is nothing to map.

    Raises:
        MapUnavailable: see :func:`niteru.indexer.ask.map_of_people.lay_out`.
    """
    if len(persons) < LEAST_PEOPLE:
        return None
    rows = np.sort(np.argsort(-found.scores[:, 0], kind="stable")[:SHOWN])
    grid = lay_out(persons.vectors[rows])
    cell = int(np.clip(_PICTURE // grid.side, _LEAST, _MOST))
    picture = np.zeros((grid.side * cell, grid.side * cell, 4), np.uint8)  # empty cells let the page through
    places = []
    for row, (column, line) in zip(rows.tolist(), grid.cells.tolist(), strict=True):
        places.append(Place(row, persons.names[row], column, line))
        crop = gallery.crop(int(persons.face_ids[persons.portrait(row)]))
        if crop is not None:
            small = cv2.resize(crop, (cell, cell), interpolation=cv2.INTER_AREA)
            there = picture[line * cell : (line + 1) * cell, column * cell : (column + 1) * cell]
            there[..., :3], there[..., 3] = small[..., ::-1], 255
    cv2.imwrite(str(folder / FILE), picture, [cv2.IMWRITE_WEBP_QUALITY, _QUALITY])
    return FaceMap(grid.side, cell, places, len(rows) == len(persons))
