"""Pictures of people from the photos that they are in: sharper than the crops, and with what is around the face."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from niteru.engine import Pixels
from niteru.engine.faces.alignment import CROP_SIZE, TEMPLATE, Landmarks, portrait, similarity_transform, surroundings
from niteru.engine.photos.decoding.picture import Picture
from niteru.engine.photos.file_content import read_bytes
from niteru.engine.photos.photo_error import PhotoError
from niteru.engine.photos.photo_stamp import stamp_of
from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.gallery import GalleryReader

_OVERSAMPLED = 2
"""Pixels of the decoded picture to one of the portrait's side, at least, where the photo has so many."""


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """Face to look at, upright.

    Attributes:
        pixels: uint8 RGB (side, side, 3).
        inset: share of the side between the edge of the portrait and the face's crop, 0 to .22; 0 for the crop itself.
    """

    pixels: Pixels
    inset: float


def portrait_of(gallery: GalleryReader, face: FaceRow, side: int) -> Portrait | None:
    """Cut a face out of its photo, or take the crop where the photo cannot be read or has changed since.

    Args:
        gallery: that has the face.
        face: a row of its catalogue.
        side: of the portrait in pixels; of a smaller face it has no more than the photo.

    Returns:
        The portrait; None if the gallery has lost the crop, too.
    """
    landmarks = np.array(face.landmarks, np.float32)
    picture = _photo(gallery, face, max(1.0, _size_of_crop(landmarks) / (side * _OVERSAMPLED)))
    if picture is not None:
        return portrait_in(picture, landmarks, side)
    crop = gallery.crop(face.id)
    return None if crop is None else Portrait(crop, 0.0)


def portrait_by_id(gallery: GalleryReader, face: int, side: int) -> Portrait | None:
    """The same by a face's id; None for one that is gone, too."""
    row = gallery.queries.faces([face]).get(face)
    return None if row is None else portrait_of(gallery, row, side)


def portrait_in(picture: Picture, landmarks: Landmarks, side: int) -> Portrait:
    """Cut a face out of its decoded photo.

    Args:
        picture: the photo.
        landmarks: of the face, in pixels of the upright photo, also of one that was halved when it was decoded.
        side: of the portrait in pixels; of a smaller face it has no more than the photo.
    """
    around = surroundings(picture.size, landmarks)
    most = max(CROP_SIZE, round(_size_of_crop(landmarks) * (1 + 2 * around)))
    cut = portrait(picture.pixels, landmarks / np.float32(picture.scale), min(side, most), around)
    return Portrait(cut, around / (1 + 2 * around))


def whole_photo(gallery: GalleryReader, face: FaceRow, side: int) -> Pixels | None:
    """The photo that shows a face, upright, its longer side at most so many pixels.

    Returns:
        uint8 RGB (height, width, 3); None where the photo cannot be read or has changed since.
    """
    size = photo_size(gallery, face)
    picture = None if size is None else _photo(gallery, face, max(size) / side)
    if picture is None:
        return None
    height, width = picture.pixels.shape[:2]
    shrink = min(1.0, side / max(height, width))
    scaled = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    return np.asarray(cv2.resize(picture.pixels, scaled, interpolation=cv2.INTER_AREA), np.uint8)


def photo_size(gallery: GalleryReader, face: FaceRow) -> tuple[int, int] | None:
    """Width and height of a face's photo, upright, in the pixels of its box; None where it cannot be read."""
    # Pillow, which reads pictures, takes a tenth of the time of a question that has none.
    from niteru.engine.photos.names.picture_head import head_of

    file = _file(gallery, face)
    try:
        return None if file is None else head_of(read_bytes(file)).upright
    except PhotoError:
        return None


def best_face(gallery: GalleryReader, name: str) -> FaceRow | None:
    """The face that shows a person best: nothing doubtful about it, large, and like their others.

    Returns:
        None if nobody has that name, or no face.
    """
    rows = gallery.queries.faces_of_person(name)
    if len(rows) < 2:
        return rows[0] if rows else None
    vectors = [gallery.generation.vector(row.id) for row in rows]
    known = np.stack([vector for vector in vectors if vector is not None] or [np.zeros(1, np.float32)])
    middle = known.mean(axis=0)
    typical = [0.0 if vector is None else float(vector @ middle) for vector in vectors]
    most = max(typical) or 1.0
    return max(zip(rows, typical, strict=True), key=lambda one: _shows_well(one[0], one[1] / most))[0]


def _shows_well(face: FaceRow, typical: float) -> float:
    """How well a face shows a person; 1 more for a sound one, and as much for eight times as many pixels."""
    large = np.log2(max(_size_of_crop(np.array(face.landmarks, np.float32)), 1.0) / CROP_SIZE) / 3
    return typical + min(float(large), 1.0) - len(face.quality) - (face.second is not None)


def _size_of_crop(landmarks: np.ndarray) -> float:
    """Side of a face's crop in the photo, in pixels."""
    matrix = similarity_transform(landmarks, TEMPLATE)
    return CROP_SIZE / float(np.hypot(matrix[0, 0], matrix[1, 0]))


def _photo(gallery: GalleryReader, face: FaceRow, shrink: float) -> Picture | None:
    """The photo of a face, at most so many times smaller; None where it cannot be read."""
    from niteru.engine.photos.decode import read_picture

    file = _file(gallery, face)
    divisor = next(one for one in (8, 4, 2, 1) if one == 1 or one <= shrink)
    try:
        return None if file is None else read_picture(file, divisor)
    except PhotoError:
        return None


def _file(gallery: GalleryReader, face: FaceRow) -> Path | None:
    """The file of a face's photo; None if it is a video, is not on this machine, or has changed since it was read."""
    original = gallery.queries.original(face.photo)
    if original is None or face.second is not None:
        return None
    file, stamp = original
    return file if stamp_of(file) == stamp else None
