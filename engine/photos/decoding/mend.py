"""Repair of faults in a picture's bytes that viewers overlook.

Pillow has a switch for the same purpose, which is one for all threads: while one picture is read leniently, so would be
those beside it.
"""

from __future__ import annotations

import contextlib
import struct
import zlib
from collections.abc import Iterator

from niteru.engine import Pixels
from niteru.engine.photos.decoding.limits import MAX_STORED_PIXELS

_JPEG, _JPEG_END = b"\xff\xd8", b"\xff\xd9"
_PNG = b"\x89PNG\r\n\x1a\n"
_NEEDED = (b"IHDR", b"PLTE", b"tRNS", b"eXIf")
"""Chunks of a PNG that say something of its pixels, other than the pixels."""
_MOST_UNPACKED = 8 * MAX_STORED_PIXELS["PNG"]
_AT_A_TIME = 65_536
_MISSING = 50
"""A fiftieth of a file may be missing, and of a picture."""
_UNREAD = (0, 128, 255)
"""Values of pixels that a decoder left unread."""


def mended(data: bytes) -> Iterator[bytes]:
    r"""Give a picture the end that it lacks, and a PNG its checksums, in one way or several to be tried.

    Example:
        >>> list(mended(b"\xff\xd8 and so on"))
        [b'\xff\xd8 and so on\xff\xd9']
    """
    if data.startswith(_JPEG):
        yield data + _JPEG_END
    elif data.startswith(_PNG):
        yield _anew(data)
    else:  # packed bits go on with either, and it depends on those before with which
        yield from (data + filling * max(len(data) // _MISSING, 64) for filling in (b"\0", b"\xff"))


def lacks_rows(pixels: Pixels) -> bool:
    """Whether more than a little of a mended picture, as it is stored, was left unread: its last rows or its first."""
    rows = max(len(pixels) // _MISSING, 8)
    return any((part == unread).all() for part in (pixels[-rows:], pixels[:rows]) for unread in _UNREAD)


def _anew(data: bytes) -> bytes:
    """Write a PNG anew, of nothing but its pixels and what they need."""
    chunks = list(_chunks(data))
    packed = b"".join(content for name, content in chunks if name == b"IDAT")
    raw = _unpacked(packed)
    raw += bytes(len(raw) // _MISSING + 64)
    kept = [(name, content) for name, content in chunks if name in _NEEDED]
    parts = [*kept, (b"IDAT", zlib.compress(raw, 1)), (b"IEND", b"")]
    return _PNG + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in parts
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents of a PNG's chunks, as far as they go."""
    place = len(_PNG)
    while place + 8 <= len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        yield data[place + 4 : place + 8], data[place + 8 : place + 8 + size]
        place += size + 12


def _unpacked(packed: bytes) -> bytes:
    """Unpack as much as can be unpacked."""
    unpacker, parts, size = zlib.decompressobj(), list[bytes](), 0
    with contextlib.suppress(zlib.error):
        for start in range(0, len(packed), _AT_A_TIME):
            parts.append(unpacker.decompress(packed[start : start + _AT_A_TIME], _MOST_UNPACKED - size + 1))
            size += len(parts[-1])
            if size > _MOST_UNPACKED:
                break
    return b"".join(parts)
