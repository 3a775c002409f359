"""Decoding of photos into upright RGB pixels; each way to fail has an error of its own."""

from __future__ import annotations

import contextlib

from PIL import Image, UnidentifiedImageError

from niteru.engine import Pixels
from niteru.engine.photos.decoding.limits import MAX_BYTES
from niteru.engine.photos.decoding.mend import lacks_rows, mended
from niteru.engine.photos.decoding.orientation import upright
from niteru.engine.photos.decoding.picture import Picture, Stored
from niteru.engine.photos.decoding.stored import FORMATS, read_stored
from niteru.engine.photos.decoding.structure import check_structure
from niteru.engine.photos.file_content import read_bytes
from niteru.engine.photos.photo_error import (
    CorruptImage,
    EmptyFile,
    PhotoError,
    TooComplex,
    TooLarge,
    TooManyPixels,
    UnsupportedType,
)
from niteru.engine.photos.source import PhotoSource

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".heic", ".heif", ".hif", ".avif"}
)


def decode(source: bytes | PhotoSource) -> Pixels:
    """Decode a picture to upright RGB; as :func:`read_picture`, without the scale.

    Example:
        >>> import io
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
    return read_picture(source).pixels


def read_picture(source: bytes | PhotoSource, divisor: int = 1) -> Picture:
    """Decode a picture to upright RGB.

    The orientation of EXIF or HEIF is applied, once; colour profiles are followed; transparent pictures are laid over
    white; grey, palette, CMYK and deeper pictures become 8-bit RGB; an animation gives its first frame that is not
    blank; sides are halved until there are at most 25 million pixels.

    Args:
        source: the encoded bytes, or the file.
        divisor: 1, 2, 4 or 8: of the sides, at least, for whoever needs the picture only so small.

    Raises:
        PhotoError: the picture cannot be used; the sub-class says why.
    """
    data = source if isinstance(source, bytes) else read_bytes(source)
    if not data:
        raise EmptyFile("the file is empty")
    if len(data) > MAX_BYTES:
        raise TooLarge(f"{len(data):,} bytes are more than the {MAX_BYTES:,} allowed")
    try:
        check_structure(data)
        stored = _stored(data, divisor)
    except Image.DecompressionBombError as error:
        raise TooManyPixels(str(error)) from None
    except MemoryError:
        raise TooComplex("decoding it takes more memory than a picture may use") from None
    return Picture(upright(stored.pixels, stored.orientation), stored.scale)


def _stored(data: bytes, divisor: int) -> Stored:
    try:
        return read_stored(data, divisor)
    except (PhotoError, Image.DecompressionBombError, MemoryError):
        raise
    except UnidentifiedImageError:
        fault: PhotoError = UnsupportedType(f"not a picture of a known type ({', '.join(FORMATS)})")
    except Exception as error:  # the decoders raise a dozen kinds of errors on damaged input
        fault = CorruptImage(f"damaged picture: {error}")
    for candidate in mended(data):
        with contextlib.suppress(Exception):  # whatever it is, the fault of the picture itself is the one to be told
            stored = read_stored(candidate, divisor)
            if not lacks_rows(stored.pixels):  # before it is turned, when what is missing would be at a side
                return stored
    raise fault
