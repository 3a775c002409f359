"""Structure of a picture's file, checked before it is decoded.

A few hundred kilobytes can ask for minutes of work: thousands of scans over the same pixels, or millions of empty
parts. Each check walks over the parts of a file without reading them, and stops at its limit.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator

from niteru.engine.photos.decoding.limits import check_count
from niteru.engine.photos.photo_error import TooComplex

MOST_SEGMENTS = 5_000
"""Of a JPEG: a profile has 255 at most, and so have long notes."""
MOST_FILL_BYTES = 65_536
MOST_SCANS = 100
MOST_COEFFICIENTS = 75_000_000
"""Of a JPEG that is kept whole until its last scan: 25 million pixels in full colour, 50 million as cameras do it."""
MOST_SCANNED = 20 * MOST_COEFFICIENTS
"""Coefficients times scans; programs write ten scans."""
MOST_CHUNKS = 20_000
"""Of PNG and WebP: 30 MiB in pieces of two kilobytes."""
MOST_BLOCKS = 300_000
"""Of a GIF: 30 MiB in pieces of a hundred bytes."""
MOST_NOTES = 2_000
"""Blocks of a GIF beside its pixels."""
MOST_TAGS = 1_000
MOST_STRIPS = 50_000
MOST_VALUES = 200_000
"""Of a tag in a TIFF."""

_FILL = re.compile(rb"\xff*")
_END_OF_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7]")
_SOS, _EOI, _FIRST, _TEM = 0xDA, 0xD9, 0xD0, 0x01
_FRAMES = {marker for marker in range(0xC0, 0xD0) if marker not in (0xC4, 0xC8, 0xCC)}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_BYTES = (1, 2, 7)
"""Types of a TIFF's tags whose values are kept as bytes."""
_STRIP_TAGS = (273, 279, 324, 325)


def check_structure(data: bytes) -> None:
    """Refuse a file whose structure asks for more work than any picture needs; other files pass.

    Raises:
        TooComplex: it has too many parts of a kind.
    """
    for start, check in _CHECKS.items():
        if data.startswith(start):
            try:
                check(data)
            except (struct.error, IndexError):  # the file ends early, which is for its decoder to say
                return


def _check_jpeg(data: bytes) -> None:
    place = segments = fill = scans = coefficients = 0
    progressive = False
    for place, marker, run in _markers(data):
        segments, fill = segments + 1, fill + run
        check_count(segments, MOST_SEGMENTS, "segments in the JPEG")
        check_count(fill, MOST_FILL_BYTES, "fill bytes in the JPEG")
        if marker in _FRAMES:
            coefficients, progressive = _coefficients(data, place), marker in _PROGRESSIVE
        elif marker == _SOS:
            scans += 1
            check_count(scans, MOST_SCANS, "scans in the JPEG")
            check_count(scans * coefficients, MOST_SCANNED, "coefficients in the JPEG's scans")
    if (progressive or scans > 1) and coefficients > MOST_COEFFICIENTS:
        raise TooComplex(f"a progressive JPEG of more than {MOST_COEFFICIENTS:,} coefficients: save it as a plain one")


def _markers(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Place of each segment's length, its marker, and the fill bytes before it, up to the end of the picture."""
    place = 2
    while found := _END_OF_SCAN.search(data, place):
        place = found.start()
        end = _FILL.match(data, place).end()  # type: ignore[union-attr]  # it matches everywhere
        marker = data[end] if end < len(data) else _EOI
        run, place = end - place - 1, end + 1
        yield place, marker, run
        if marker == _EOI:
            return
        if not (marker in (0, _TEM) or _FIRST <= marker < _EOI):  # those stand alone
            place += struct.unpack_from(">H", data, place)[0]


def _coefficients(data: bytes, place: int) -> int:
    """Number of coefficients of a frame, by its size and its components' sampling."""
    height, width, components = struct.unpack_from(">HHB", data, place + 3)
    sampling = [(byte >> 4, byte & 15) for byte in data[place + 9 : place + 8 + 3 * components : 3]]
    most = max((across for across, _ in sampling), default=1) * max((down for _, down in sampling), default=1)
    return int(width * height * sum(across * down for across, down in sampling) / max(most, 1))


def _check_png(data: bytes) -> None:
    place = count = 8
    while place + 8 <= len(data):
        count += 1
        check_count(count, MOST_CHUNKS, "chunks in the PNG")
        place += 12 + struct.unpack_from(">I", data, place)[0]


def _check_webp(data: bytes) -> None:
    place, count = 12, 0
    while place + 8 <= len(data):
        count += 1
        check_count(count, MOST_CHUNKS, "chunks in the WebP")
        size = struct.unpack_from("<I", data, place + 4)[0]
        place += 8 + size + size % 2


def _check_gif(data: bytes) -> None:
    place = 13 + _colours(data[10])
    blocks = notes = 0
    while place < len(data) and data[place] in (0x21, 0x2C):
        is_note = data[place] == 0x21
        place += 2 if is_note else 11 + _colours(data[place + 9])
        for size in _sub_blocks(data, place):
            place, blocks, notes = place + 1 + size, blocks + 1, notes + is_note
            check_count(blocks, MOST_BLOCKS, "blocks in the GIF")
            check_count(notes, MOST_NOTES, "blocks beside the pixels of the GIF")


def _sub_blocks(data: bytes, place: int) -> Iterator[int]:
    """Sizes of the blocks at a place, with the 0 that ends them."""
    size = 1
    while size:
        size = data[place]
        yield size
        place += 1 + size


def _colours(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _check_tiff(data: bytes) -> None:
    order = "<" if data[:2] == b"II" else ">"
    big = struct.unpack_from(order + "H", data, 2)[0] == 43
    offset, number, entry = ("Q", "Q", "HHQ") if big else ("I", "H", "HHI")
    place = struct.unpack_from(order + offset, data, 8 if big else 4)[0]
    tags = struct.unpack_from(order + number, data, place)[0]
    check_count(tags, MOST_TAGS, "tags in the TIFF")
    place += struct.calcsize(order + number)
    for _ in range(tags):
        tag, kind, values = struct.unpack_from(order + entry, data, place)
        if kind not in _BYTES:
            check_count(values, MOST_STRIPS if tag in _STRIP_TAGS else MOST_VALUES, f"values in the TIFF's tag {tag}")
        place += 20 if big else 12


_CHECKS: dict[bytes, Callable[[bytes], None]] = {
    b"\xff\xd8": _check_jpeg,
    b"\x89PNG\r\n\x1a\n": _check_png,
    b"RIFF": _check_webp,
    b"GIF8": _check_gif,
    b"II": _check_tiff,
    b"MM": _check_tiff,
}
