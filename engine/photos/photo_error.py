"""Errors of photos, one class for each reason to skip a photo."""

from __future__ import annotations

from typing import ClassVar

from niteru.engine.failure import Failure
from niteru.engine.photos.skip_reason import SkipReason


class PhotoError(Failure):
    """The photo cannot be used; the slug is a :class:`~niteru.engine.photos.skip_reason.SkipReason`."""

    slug: ClassVar[str] = SkipReason.CORRUPT_IMAGE


class Unreadable(PhotoError):
    """The file cannot be opened."""

    slug = SkipReason.UNREADABLE


class EmptyFile(PhotoError):
    """The file has no bytes."""

    slug = SkipReason.EMPTY_FILE


class TooLarge(PhotoError):
    """The file has more than ``MAX_BYTES`` bytes."""

    slug = SkipReason.TOO_LARGE


class TooManyPixels(PhotoError):
    """The picture has more pixels than its format allows to be scaled within bounded memory."""

    slug = SkipReason.TOO_MANY_PIXELS


class TooFewPixels(PhotoError):
    """A side of the picture is shorter than ``MIN_SIDE`` pixels, too small for a usable face."""

    slug = SkipReason.TOO_FEW_PIXELS


class TooComplex(PhotoError):
    """Decoding the picture would take, or took, more work than any picture of a camera or a scanner needs."""

    slug = SkipReason.TOO_COMPLEX


class UnsupportedType(PhotoError):
    """The content is in none of the formats that are read, whatever the file's name."""

    slug = SkipReason.UNSUPPORTED_TYPE


class CorruptImage(PhotoError):
    """The content begins like a picture but cannot be decoded to its end."""

    slug = SkipReason.CORRUPT_IMAGE
