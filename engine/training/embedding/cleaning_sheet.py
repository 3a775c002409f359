"""Contact sheets of the changes that cleaning made to labels: people see most of its mistakes."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np

from niteru.engine import Pixels
from niteru.engine.evaluation.crop_set import CropSet
from niteru.engine.faces.contact_sheet import contact_sheet, save_picture
from niteru.engine.training.embedding.cleaning import Cleaned

SHOWN = 60
BESIDE = 3
"""Photos of a person that are shown."""
_NOTHING: Pixels = np.zeros((1, 1, 3), np.uint8)


def draw_changes(faces: CropSet, cleaned: Cleaned, folder: Path) -> Path:
    """Write ``merged.jpg`` (two pairs of names a line) and ``dropped.jpg`` (each photo, then others of its person).

    The sheets show the weakest merges, which are the likeliest mistakes, and the worst of the dropped photos.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = defaultdict(list)
    for row, person in enumerate(faces.people):
        rows[person].append(row)

    def shown(group: list[int], length: int) -> list[tuple[Pixels, str]]:
        tiles = [(faces.crops[row], faces.people[row]) for row in group[:length]]
        return tiles + [(_NOTHING, "")] * (length - len(tiles))

    merged = [tile for pair in cleaned.merged[-SHOWN:] for name in pair for tile in shown(rows[name], BESIDE)]
    dropped = []
    for row in cleaned.dropped[:SHOWN].tolist():
        others = [other for other in rows[faces.people[row]] if other != row]
        dropped += shown([row, *others], BESIDE + 1)
    for name, tiles, columns in (("merged", merged, 4 * BESIDE), ("dropped", dropped, 2 * (BESIDE + 1))):
        if tiles:
            save_picture(folder / f"{name}.jpg", contact_sheet(tiles, columns, 96))
    return folder
