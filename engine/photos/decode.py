"""Decode a photo into upright RGB pixels, or say by name why it cannot be done."""

from __future__ import annotations

import contextlib
import hashlib
import io
import stat
import warnings
from collections.abc import Callable
from typing import ClassVar

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from niteru.engine import Pixels
from niteru.engine.failure import Failure
from niteru.engine.photos.skip_reason import SkipReason
from niteru.engine.photos.source import PhotoSource

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"})
MAX_BYTES = 30 * 1024 * 1024
MAX_PIXELS = 25_000_000
BAND = 256
"""Rows converted at a time."""
MIN_SIDE = 16


class PhotoError(Failure):
    """A photo that cannot be used; its slug is a :class:`~niteru.engine.photos.skip_reason.SkipReason`."""

    slug: ClassVar[str] = SkipReason.CORRUPT_IMAGE


class Unreadable(PhotoError):
    """The file could not be opened."""

    slug = SkipReason.UNREADABLE


class EmptyFile(PhotoError):
    """The file has no bytes."""

    slug = SkipReason.EMPTY_FILE


class TooLarge(PhotoError):
    """More bytes than :data:`MAX_BYTES`."""

    slug = SkipReason.TOO_LARGE


class TooManyPixels(PhotoError):
    """More pixels than :data:`MAX_PIXELS`."""

    slug = SkipReason.TOO_MANY_PIXELS


class TooFewPixels(PhotoError):
    """A side shorter than :data:`MIN_SIDE` pixels cannot hold a usable face."""

    slug = SkipReason.TOO_FEW_PIXELS


class UnsupportedType(PhotoError):
    """The content is not one of :data:`FORMATS`, whatever its name says."""

    slug = SkipReason.UNSUPPORTED_TYPE


class CorruptImage(PhotoError):
    """The content starts like an image and cannot be decoded to its end."""

    slug = SkipReason.CORRUPT_IMAGE


def decode(source: bytes | PhotoSource) -> Pixels:
    """Decode a picture to upright RGB.

    EXIF orientation is applied, transparency is laid over white, grey, palette, CMYK and 16-bit pictures
    become 8-bit RGB, and of an animation the first frame is taken.

    Args:
        source: the encoded bytes, or the file.

    Returns:
        uint8 array of shape ``(height, width, 3)``.

    Raises:
        PhotoError: one of its sub-classes names what is wrong.
    """
    data = source if isinstance(source, bytes) else read_bytes(source)
    if not data:
        raise EmptyFile("the file is empty")
    if len(data) > MAX_BYTES:
        raise TooLarge(f"{len(data) / 2**20:.0f} MiB is more than the {MAX_BYTES // 2**20} MiB allowed")
    try:
        # Pillow only warns about decompression bombs below twice its own limit; ours is checked below.
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(image.width, image.height)
            image.load()
            orientation = _orientation(image)  # after loading: Pillow turns TIFF itself, and drops the tag
            pixels = _to_rgb(image)
    except PhotoError:
        raise
    except UnidentifiedImageError:
        raise UnsupportedType(f"not a picture of a known type ({', '.join(FORMATS)})") from None
    except Image.DecompressionBombError as error:
        raise TooManyPixels(str(error)) from None
    except Exception as error:  # Pillow's decoders raise a dozen kinds on damaged input
        raise CorruptImage(f"damaged picture: {error}") from None
    return np.ascontiguousarray(_UPRIGHT[orientation](pixels))


def read_bytes(file: PhotoSource) -> bytes:
    """The bytes of a file, if it is one and not too large.

    Raises:
        Unreadable: it cannot be opened, or is a pipe or a device.
        TooLarge: see :data:`MAX_BYTES`.
    """
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("not a regular file")
        if status.st_size > MAX_BYTES:
            raise TooLarge(f"larger than the {MAX_BYTES // 2**20} MiB allowed")
        return file.read_bytes()
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None


def content_hash(file: PhotoSource) -> str:
    """SHA-256 of a file's bytes, of whatever size.

    Raises:
        Unreadable: it cannot be opened, or is a pipe or a device.
    """
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise Unreadable("not a regular file")
        return sha256_of(file)
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None


def sha256_of(file: PhotoSource) -> str:
    """SHA-256 of a file's bytes, as text; whatever trouble the system has with it is its own :class:`OSError`."""
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        limit = MAX_PIXELS // 1_000_000
        raise TooManyPixels(f"{width}×{height} is more than the {limit} million pixels allowed")
    if min(width, height) < MIN_SIDE:
        raise TooFewPixels(f"{width}×{height} is too small to hold a face")


def _orientation(image: Image.Image) -> int:
    # A damaged EXIF block says nothing of the pixels.
    with contextlib.suppress(Exception):
        orientation = image.getexif().get(ExifTags.Base.Orientation)
        return orientation if orientation in _UPRIGHT else 1
    return 1


def _to_rgb(image: Image.Image) -> Pixels:
    """All of a picture, band by band: conversions of a whole one hold it three or four times."""
    top = _white(image)
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for y in range(0, image.height, BAND):
        band = image.crop((0, y, image.width, min(y + BAND, image.height)))
        pixels[y : y + BAND] = np.asarray(_band_to_rgb(band, top))
    return pixels


def _white(image: Image.Image) -> float:
    """The value of white in a picture of more than eight bits."""
    if not image.mode.startswith(("I", "F")):
        return 255.0
    brightest = image.getextrema()[1]
    return 65535.0 if isinstance(brightest, (int, float)) and brightest > 255 else 255.0


def _band_to_rgb(image: Image.Image, top: float) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        # Pillow clips 16-bit grey to white when it converts; scale by the value range instead.
        grey = np.asarray(image, dtype=np.float32)
        image = Image.fromarray((grey.clip(0, top) * (255.0 / top)).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        image = Image.alpha_composite(paper, layer)
    return image.convert("RGB")


_UPRIGHT: dict[int, Callable[[Pixels], Pixels]] = {
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: pixels[::-1].swapaxes(0, 1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: pixels[:, ::-1].swapaxes(0, 1),
}
"""By the number of the EXIF orientation."""
