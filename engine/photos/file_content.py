"""Bytes of files and their checksums, for those who decode nothing, too."""

from __future__ import annotations

import hashlib
import stat

from niteru.engine.photos.decoding.limits import MAX_BYTES
from niteru.engine.photos.photo_error import TooLarge, Unreadable
from niteru.engine.photos.source import PhotoSource


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
