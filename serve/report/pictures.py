"""Pictures of a report: faces cut from their photos, small for rows and large for pairs; or mosaics."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from niteru.engine import Pixels
from niteru.engine.work.usable_cores import usable_cores
from niteru.indexer.ask.portraits import portrait_of
from niteru.indexer.gallery import Gallery
from niteru.serve.report.anonymous import mosaic

FOLDER = "faces"
SMALL, LARGE = 256, 640
"""Pixels per side, at most, in a row and where a pair is looked at: a screen has up to two to one of the page."""
MOST_CUT = 4_000
"""Faces that are cut from their photos, each of which is decoded for it; the others are shown by their crops."""
_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Pictures:
    """What was saved, by the faces' ids.

    Attributes:
        insets: share of a picture's side between its edge and the face's crop, of those that are not the crop itself.
        large: faces with a large picture.
    """

    insets: dict[int, float] = field(default_factory=dict)
    large: set[int] = field(default_factory=set)


def save_faces(gallery: Gallery, faces: list[int], large: set[int], folder: Path) -> Pictures:
    """Save faces as ``ID.jpg``, and some as ``ID-large.jpg``, too, where their photos have more pixels.

    Args:
        gallery: that has the faces.
        faces: ids; those first that matter most.
        large: ids of those that are wanted large.
        folder: of the pictures, which is made.
    """
    folder.mkdir()
    cut, rest = faces[:MOST_CUT], faces[MOST_CUT:]
    parts = [cut[start :: usable_cores()] for start in range(usable_cores())]
    saved = Pictures()
    with ThreadPoolExecutor(usable_cores()) as pool:
        for some in pool.map(lambda part: _cut(gallery, part, large, folder), parts):
            saved.insets.update(some.insets)
            saved.large.update(some.large)
    for face in rest:
        if data := gallery.crops.data(face):
            (folder / f"{face}.jpg").write_bytes(data)
    return saved


def save_mosaics(gallery: Gallery, faces: Mapping[int, int], folder: Path) -> None:
    """Save mosaics of faces under their numbers in the report; ``faces`` maps those to ids in the gallery."""
    folder.mkdir()
    for number, face in faces.items():
        crop = gallery.crop(face)
        if crop is not None:
            _save(folder / f"{number}.jpg", mosaic(crop))


def _cut(gallery: Gallery, faces: list[int], large: set[int], folder: Path) -> Pictures:
    """Save some faces, with a connection to the catalogue of their own."""
    saved = Pictures()
    if not faces:
        return saved
    with closing(Gallery(gallery.backend)) as own:
        rows = own.queries.faces(faces)
        for face in (face for face in faces if face in rows):
            made = portrait_of(own, rows[face], LARGE if face in large else SMALL)
            if made is not None:
                saved.insets[face] = made.inset
                if _save_portrait(folder, face, made.pixels):
                    saved.large.add(face)
    return saved


def _save_portrait(folder: Path, face: int, pixels: Pixels) -> bool:
    """Save a portrait small and, if it is larger than that, as it is, too; whether it is."""
    if len(pixels) <= SMALL:
        _save(folder / f"{face}.jpg", pixels)
        return False
    _save(folder / f"{face}-large.jpg", pixels)
    small = cv2.resize(pixels, (SMALL, SMALL), interpolation=cv2.INTER_AREA)
    _save(folder / f"{face}.jpg", np.asarray(small, np.uint8))
    return True


def _save(file: Path, pixels: Pixels) -> None:
    cv2.imwrite(str(file), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
