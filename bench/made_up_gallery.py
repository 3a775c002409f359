"""Gallery of made-up faces that have pictures: a crop each, and photos that can be opened and cut.

The vectors are those of :mod:`bench.scale`. Each face has a crop of its own, soft noise of the size of a real one as a
file, since equal crops would be found to be copies. The photos are hard links to a few drawn ones: each is decoded
whenever it is asked for, but the disk holds 16 of them, so that it is not what is measured.
"""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np

from bench.scale import made_up, publish
from niteru.engine.drawn import Drawing, draw, person
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.faces.extraction import DetectedFace
from niteru.engine.faces.face import Face
from niteru.engine.photos.photo_stamp import PhotoStamp
from niteru.indexer.catalog.rows import PhotoFile
from niteru.indexer.gallery import Gallery

_ORIGINALS = 16
_GRAIN = 14
"""Squares per side of the noise that a crop is made of."""
_AT_ONCE = 1_000


def publish_made_up(folder: Path, faces: int, photos: int) -> None:
    """Make a gallery in ``folder / "gallery"`` of so many faces, so many of each person; the photos beside it."""
    embedder, gallery = Embedder(), Gallery(folder / "gallery", readonly=False)
    vectors, people = made_up(faces, embedder.info.dimension, photos=photos)
    originals = [_drawn(folder / "originals", number) for number in range(_ORIGINALS)]
    dice = np.random.default_rng(1)
    gallery.catalog.set_setting("faces", str(folder / "photos"))
    for start in range(0, faces, _AT_ONCE):
        with gallery.catalog.transaction():
            for row in range(start, min(start + _AT_ONCE, faces)):
                file, drawing = originals[row % _ORIGINALS]
                photo = _linked(folder / "photos", f"P{people[row]:06d}", row, file)
                (face,) = gallery.catalog.put_photo(photo, [(_seen(drawing), vectors[row])], embedder.info.id)
                noise = dice.integers(0, 256, (_GRAIN, _GRAIN, 3), dtype=np.uint8)
                crop = cv2.resize(noise, (112, 112), interpolation=cv2.INTER_CUBIC)
                gallery.crops.save(face, np.asarray(crop, np.uint8))
    gallery.close()
    publish(folder / "gallery", embedder)


def _drawn(folder: Path, number: int) -> tuple[Path, Drawing]:
    """Draw a person, and save the photo."""
    folder.mkdir(exist_ok=True)
    file, drawing = folder / f"{number}.jpg", draw(person(number), 0)
    cv2.imwrite(str(file), cv2.cvtColor(drawing.image, cv2.COLOR_RGB2BGR))
    return file, drawing


def _linked(photos: Path, name: str, number: int, original: Path) -> PhotoFile:
    """Link a drawn photo into a person's folder."""
    file = photos / name / f"{number}.jpg"
    file.parent.mkdir(parents=True, exist_ok=True)
    os.link(original, file)
    return PhotoFile(f"{name}/{file.name}", name, f"{number:064d}", *PhotoStamp.of(file), "detector", None)


def _seen(drawing: Drawing) -> DetectedFace:
    """The face of a drawing as a detector finds it."""
    return DetectedFace(Face(drawing.box, drawing.landmarks, 1.0), np.zeros((112, 112, 3), np.uint8), ())
