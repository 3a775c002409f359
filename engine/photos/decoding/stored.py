"""Reading of a picture's pixels as they are stored, by Pillow."""

from __future__ import annotations

import io
import warnings

import numpy as np
import pi_heif
from PIL import Image, UnidentifiedImageError, features

from niteru.engine.photos.decoding.colours import BAND, to_rgb
from niteru.engine.photos.decoding.deep import is_deep, is_tiff, read_deep
from niteru.engine.photos.decoding.limits import MAX_PIXELS, MAX_STORED_PIXELS, MIN_SIDE, check_size, halvings
from niteru.engine.photos.decoding.opencv import rgb_by_opencv
from niteru.engine.photos.decoding.orientation import orientation_of
from niteru.engine.photos.decoding.picture import Stored

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "HEIF", *(["AVIF"] if features.check("avif") else []))
MOST_BLANK_FRAMES = 20
"""Blank frames of an animation that are skipped for one that shows something."""
MOST_BLANK_PIXELS = 10_000_000
"""Pixels of blank frames that are skipped, together."""
_RUN_LENGTHS = (1, 2)
_JPEG = ("JPEG", "MPO")
_ANIMATED = ("GIF", "PNG", "WEBP", "TIFF", "AVIF")

pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


def read_stored(data: bytes, divisor: int = 1) -> Stored:
    """Read a picture's pixels.

    Args:
        data: the encoded bytes.
        divisor: of the sides, at least, for whoever needs the picture only so small: 1, 2, 4 or 8.

    Raises:
        PhotoError: its size is beyond the limits.
        UnidentifiedImageError: it has none of the known formats.
        Exception: it is damaged; errors are of many kinds.
    """
    try:
        # Up to twice its own limit, Pillow only warns of decompression bombs; our limits are checked below.
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data), formats=FORMATS) as image:
            check_size(image.width, image.height, MAX_STORED_PIXELS.get(image.format or "", MAX_PIXELS))
            if is_deep(image):
                return read_deep(data)
            least = next(one for one in (divisor, 4, 2, 1) if one == 1 or min(image.size) // one >= MIN_SIDE)
            if image.format == "BMP" and image.info.get("compression") in _RUN_LENGTHS:
                divisor = halvings(*image.size, least)  # Pillow goes from byte to byte in Python
                return Stored(np.asarray(Image.fromarray(rgb_by_opencv(data)).reduce(divisor)), 1, divisor)
            return _loaded(image, least)
    except UnidentifiedImageError:
        if not is_tiff(data):
            raise
        return read_deep(data)


def _loaded(image: Image.Image, least: int) -> Stored:
    width, drafted = image.width, 1
    if image.format in _JPEG and (divisor := halvings(*image.size, least)) > 1:
        image.draft(None, (width // divisor, image.height // divisor))  # never in memory as a whole
        drafted = round(width / image.width)
        least = max(1, least // drafted)
    image.load()
    if image.format in _ANIMATED:
        _seek_contents(image)
    check_size(*image.size)  # the header of a HEIF may tell another size than its pixels have
    orientation = orientation_of(image)  # after loading, when Pillow has turned a TIFF and dropped its tag
    divisor = halvings(*image.size, least)
    return Stored(to_rgb(image, divisor), orientation, drafted * divisor)


def _seek_contents(image: Image.Image) -> None:
    """Move on to the first frame that is not blank."""
    for frame in range(1, min(MOST_BLANK_FRAMES, MOST_BLANK_PIXELS // (image.width * image.height)) + 1):
        if not _is_blank(image):
            return
        try:
            image.seek(frame)
        except EOFError:
            return
        check_size(*image.size)
        image.load()


def _is_blank(image: Image.Image) -> bool:
    """Whether all pixels are the same."""
    first = np.asarray(image.crop((0, 0, 1, 1)))[0, 0]
    bands = (image.crop((0, y, image.width, min(y + BAND, image.height))) for y in range(0, image.height, BAND))
    return all((np.asarray(band) == first).all() for band in bands)
