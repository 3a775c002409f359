"""Repair of faults in a picture's bytes that viewers overlook.

Pillow has a switch for the same purpose, which is one for all threads: while one picture is read leniently, so would be
those beside it.
"""

from __future__ import annotations

import zlib

_JPEG, _JPEG_END = b"\xff\xd8", b"\xff\xd9"
_PNG = b"\x89PNG\r\n\x1a\n"
_ANCILLARY = 0x20
"""Bit in the first letter of a PNG chunk that pictures can do without."""


def mend(data: bytes) -> bytes | None:
    r"""Give a JPEG its end, and the chunks of a PNG that are not its pixels their checksums; None for other pictures.

    Example:
        >>> mend(b"\xff\xd8 and so on")
        b'\xff\xd8 and so on\xff\xd9'
    """
    if data.startswith(_JPEG):
        return data + _JPEG_END
    return _with_checksums(data) if data.startswith(_PNG) else None


def _with_checksums(data: bytes) -> bytes:
    mended = bytearray(data)
    start = len(_PNG)
    while start + 12 <= len(data):
        end = start + 8 + int.from_bytes(data[start : start + 4], "big")
        if data[start + 4] & _ANCILLARY and end + 4 <= len(data):
            mended[end : end + 4] = zlib.crc32(data[start + 4 : end]).to_bytes(4, "big")
        start = end + 4
    return bytes(mended)
