"""Decoding of photos into upright RGB pixels; each way to fail has an error of its own."""

from __future__ import annotations

import contextlib
import hashlib
import io
import stat
import warnings
from collections.abc import Callable

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError, features

from niteru.engine import Pixels
from niteru.engine.photos.mend import mend
from niteru.engine.photos.photo_error import (
    CorruptImage,
    EmptyFile,
    PhotoError,
    TooFewPixels,
    TooLarge,
    TooManyPixels,
    Unreadable,
    UnsupportedType,
)
from niteru.engine.photos.source import PhotoSource

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", *(["AVIF"] if features.check("avif") else []))
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif"})
MAX_BYTES = 30 * 1024 * 1024
MAX_PIXELS = 25_000_000
BAND = 256
"""Rows of pixels that are converted at a time."""
MIN_SIDE = 16
MOST_BLANK_FRAMES = 20
"""Blank frames of an animation that are skipped for one that shows something."""
_UNREAD = (0, 128)
"""Values of pixels that a decoder left unread."""


def decode(source: bytes | PhotoSource) -> Pixels:
    """Decode a picture to upright RGB.

    EXIF orientation is applied; transparent pictures are laid over white; grey, palette, CMYK and 16-bit pictures
    become 8-bit RGB; an animation gives its first frame that is not blank.

    Args:
        source: the encoded bytes, or the file.

    Returns:
        uint8 array of shape ``(height, width, 3)``.

    Raises:
        PhotoError: the picture cannot be used; the sub-class says why.

    Example:
        >>> encoded = io.BytesIO()
        >>> Image.new("L", (32, 24), color=200).save(encoded, "PNG")  # grey, 32 pixels wide
        >>> pixels = decode(encoded.getvalue())
        >>> pixels.shape, pixels[0, 0].tolist()
        ((24, 32, 3), [200, 200, 200])
        >>> decode(b"no picture at all")
        Traceback (most recent call last):
        ...
        niteru.engine.photos.photo_error.UnsupportedType: not a picture of a known type (JPEG, PNG, ...)
    """
    data = source if isinstance(source, bytes) else read_bytes(source)
    if not data:
        raise EmptyFile("the file is empty")
    if len(data) > MAX_BYTES:
        raise TooLarge(f"{len(data):,} bytes are more than the {MAX_BYTES:,} allowed")
    try:
        pixels, orientation = _stored_pixels(data)
    except PhotoError:
        raise
    except Image.DecompressionBombError as error:
        raise TooManyPixels(str(error)) from None
    except Exception as error:  # Pillow's decoders raise a dozen kinds of errors on damaged input
        mended = _mended_pixels(data)
        if mended is None:
            raise _named(error) from None
        pixels, orientation = mended
    return np.ascontiguousarray(_UPRIGHT[orientation](pixels))


def _named(error: Exception) -> PhotoError:
    if isinstance(error, UnidentifiedImageError):
        return UnsupportedType(f"not a picture of a known type ({', '.join(FORMATS)})")
    return CorruptImage(f"damaged picture: {error}")


def _stored_pixels(data: bytes) -> tuple[Pixels, int]:
    """Pixels as they are stored, and the EXIF orientation by which they are turned upright."""
    # Up to twice its own limit, Pillow only warns of decompression bombs; our limit is checked below.
    with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data), formats=FORMATS) as image:
        _check_size(image.width, image.height)
        image.load()
        _seek_contents(image)
        orientation = _orientation(image)  # after loading, when Pillow has turned a TIFF and dropped its tag
        return _to_rgb(image), orientation


def _mended_pixels(data: bytes) -> tuple[Pixels, int] | None:
    """Decode a picture with a small fault that viewers overlook; None if more than a little is missing."""
    mended = mend(data)
    if mended is None:
        return None
    try:
        pixels, orientation = _stored_pixels(mended)
    except Exception:  # whatever it is, the fault of the picture itself is the one to be told
        return None
    tail = pixels[-max(len(pixels) // 50, 8) :]
    return None if any((tail == unread).all() for unread in _UNREAD) else (pixels, orientation)


def _seek_contents(image: Image.Image) -> None:
    """Move on to the first frame of an animation that is not blank."""
    for frame in range(1, min(getattr(image, "n_frames", 1), MOST_BLANK_FRAMES)):
        extrema = image.convert("RGB").getextrema()
        if any(low != high for low, high in extrema):  # type: ignore[misc]
            return
        image.seek(frame)
        image.load()


def read_bytes(file: PhotoSource) -> bytes:
    """Read a regular file that is not too large.

    Raises:
        Unreadable: it cannot be opened, or is a pipe or a device.
        TooLarge: it has more than :data:`MAX_BYTES` bytes.
    """
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("not a regular file")
        if status.st_size > MAX_BYTES:
            raise TooLarge(f"more than the {MAX_BYTES:,} bytes allowed")
        return file.read_bytes()
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None


def content_hash(file: PhotoSource) -> str:
    """SHA-256 of a photo or video of any size.

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
    """SHA-256 of a file's bytes in hexadecimal; raises :class:`OSError` if it cannot be read."""
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        limit = MAX_PIXELS // 1_000_000
        raise TooManyPixels(f"{width}×{height} is more than the {limit} million pixels allowed")
    if min(width, height) < MIN_SIDE:
        raise TooFewPixels(f"{width}×{height} is too small to hold a face")


def _orientation(image: Image.Image) -> int:
    # The pixels can be fine although the EXIF block is damaged.
    with contextlib.suppress(Exception):
        orientation = image.getexif().get(ExifTags.Base.Orientation)
        return orientation if orientation in _UPRIGHT else 1
    return 1


def _to_rgb(image: Image.Image) -> Pixels:
    """Convert a picture band by band: converted at once it is in memory three or four times."""
    if image.mode.startswith(("I", "F")):
        return _deep_to_rgb(image)
    if image.format == "BMP" and image.mode == "RGBA" and image.getchannel("A").getextrema() == (0, 0):
        image.putalpha(255)  # some programs leave the fourth byte empty and mean no alpha
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for y in range(0, image.height, BAND):
        band = image.crop((0, y, image.width, min(y + BAND, image.height)))
        pixels[y : y + BAND] = np.asarray(_band_to_rgb(band))
    return pixels


def _deep_to_rgb(image: Image.Image) -> Pixels:
    """Convert grey of more than eight bits, or of fractions, by the range of values that the picture uses.

    Twelve bits are stored in sixteen, and fractions reach 1 or 255: nothing else in the file says what white is.
    """
    grey = np.asarray(image, dtype=np.float32)
    seen = grey[np.isfinite(grey)]
    low, high = (min(float(seen.min()), 0.0), float(seen.max())) if seen.size else (0.0, 1.0)
    scaled = np.nan_to_num((grey - low) * (255.0 / max(high - low, 1e-12)), nan=0.0, posinf=255.0, neginf=0.0)
    return np.repeat(scaled.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def _band_to_rgb(image: Image.Image) -> Image.Image:
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
"""How to turn the pixels upright, by EXIF orientation."""
