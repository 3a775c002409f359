"""A photo of two drawn people, stored lying on any side, with the places of their faces."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

from niteru.engine.photos.names.relative_box import TURNED_BACK, RelativeBox
from support.drawings import drawn

UNDO = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
"""Pillow's transposition that stores an upright picture with an EXIF orientation."""


@dataclass(frozen=True)
class Party:
    """The upright picture, and boxes of faces by name: in it, or as it is stored."""

    picture: Image.Image
    faces: dict[str, RelativeBox]

    def save(self, file: Path, orientation: int = 1) -> Path:
        stored = self.picture.transpose(Image.Transpose(UNDO[orientation])) if orientation > 1 else self.picture
        exif = Image.Exif()
        if orientation > 1:
            exif[0x0112] = orientation
        if file.suffix == ".heic":
            pillow_heif.from_pillow(stored).save(file, quality=90, exif=exif.tobytes() if orientation > 1 else None)
        elif orientation > 1:
            stored.save(file, exif=exif)
        else:
            stored.save(file)
        return file

    def stored_faces(self, orientation: int = 1) -> dict[str, tuple[float, float, float, float]]:
        return {name: tuple(box.turned(TURNED_BACK[orientation])) for name, box in self.faces.items()}

    def stored_size(self, orientation: int = 1) -> tuple[int, int]:
        return self.picture.size[::-1] if orientation > 4 else self.picture.size


def make_party() -> Party:
    """Ada on the left and Bob on the right, 3:2 at most, so that no turn leaves the sides as they are."""
    drawings = [drawn(number) for number in (0, 2)]
    height = max(drawing.image.shape[0] for drawing in drawings)
    width = max(drawing.image.shape[1] for drawing in drawings)
    canvas, faces = np.full((height, 2 * width, 3), 128, np.uint8), {}
    for number, (name, drawing) in enumerate(zip(("Ada", "Bob"), drawings, strict=True)):
        high, wide = drawing.image.shape[:2]
        canvas[:high, number * width : number * width + wide] = drawing.image
        x, y, box_width, box_height = drawing.box
        faces[name] = RelativeBox(
            (x + number * width) / (2 * width), y / height, box_width / (2 * width), box_height / height
        )
    return Party(Image.fromarray(canvas), faces)
