"""``landmarks.csv``: the faces in a folder of photos, as a detector found them or as they were drawn.

One row for each face, the largest of a photo first: path (relative to the table), score, box, and five landmarks in
pixels.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from typing import TypeAlias

import numpy as np

from niteru.engine.faces.face import Face
from niteru.engine.failure import Failure

TABLE = "landmarks.csv"
FacesByPath: TypeAlias = dict[Path, list[Face]]
_POINTS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
HEADER = ["path", "score", "x", "y", "width", "height", *(f"{point}_{axis}" for point in _POINTS for axis in "xy")]


class TableUnusable(Failure):
    """The table of landmarks has a row that is not a face."""


def find_table(root: Path) -> Path | None:
    """Find the table in a folder of people or beside it."""
    tables = (folder / TABLE for folder in (root, root.parent))
    return next((table for table in tables if table.is_file()), None)


def read_table(table: Path) -> FacesByPath:
    """Read a table: the faces of each photo by its absolute path, in the table's order.

    Raises:
        TableUnusable: a row is not a face.
    """
    found: FacesByPath = defaultdict(list)
    base = table.parent.resolve()
    with table.open(newline="", encoding="utf-8-sig") as file:
        for line, (path, *numbers) in enumerate(filter(None, csv.reader(file)), start=1):
            if not numbers or path == HEADER[0]:
                continue
            try:
                found[base / path].append(_face([float(number) for number in numbers]))
            except ValueError:
                wanted = ",".join(HEADER)
                raise TableUnusable(f"{table}, line {line}: not a face; the columns are {wanted}") from None
    return dict(found)


def row(path: str, face: Face) -> list[str]:
    """Write a face as a row of the table."""
    numbers = [f"{value:.2f}" for value in face.landmarks.ravel()]
    return [path, f"{face.score:.4g}", *map(str, face.box), *numbers]


def _face(numbers: list[float]) -> Face:
    x, y, width, height = (round(value) for value in numbers[1:5])
    return Face((x, y, width, height), np.array(numbers[5:15], np.float32).reshape(5, 2), numbers[0])
