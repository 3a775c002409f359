"""Pictures that ask for far more work than they show: small files for minutes of decoding, and large empty ones."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import cv2
from PIL import Image

from niteru.engine.drawn import draw, person

_PNG = b"\x89PNG\r\n\x1a\n"


def face(side: int = 96) -> Image.Image:
    """A drawn face, RGB."""
    return Image.fromarray(cv2.resize(draw(person(0), 0).image, (side, side)))


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """The picture as a file of a format."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def heif(image: Image.Image, **options: object) -> bytes:
    """The picture as a HEIC file."""
    import pillow_heif

    out = io.BytesIO()
    pillow_heif.from_pillow(image).save(out, **options)
    return out.getvalue()


def png_chunk(name: bytes, content: bytes = b"") -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _png(width: int, height: int, mode: int, rows: bytes, before: bytes = b"", interlaced: int = 0) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, mode, 0, 0, interlaced))
    return _PNG + header + before + png_chunk(b"IDAT", zlib.compress(rows, 9)) + png_chunk(b"IEND")


def _shades() -> bytes:
    """Rows of a grey PNG of 96 pixels, each after its filter."""
    return b"".join(b"\0" + bytes(range(row, row + 96)) for row in range(96))


def _many_scans() -> bytes:
    """A progressive JPEG whose last scan is there 13,000 times."""
    data = saved(Image.new("RGB", (4000, 4000)), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * 13_000 + data[-2:]


def _scans_of_much() -> bytes:
    """As many scans as are allowed, over as many pixels as are."""
    data = saved(Image.new("RGB", (7000, 7000)), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * 80 + data[-2:]


def _segments(marker: int, content: bytes, count: int) -> bytes:
    data = saved(face(), "JPEG")
    segment = bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content
    return data[:2] + segment * count + data[2:]


def _gif(between: bytes) -> bytes:
    data = saved(face().convert("P"), "GIF")
    place = 13 + 3 * 2 ** ((data[10] & 7) + 1)
    return data[:place] + between + data[place:]


def _gif_frames(side: int, count: int) -> bytes:
    """Blank frames, as large as the whole."""
    data = saved(Image.new("P", (side, side)), "GIF")
    start = data.index(b",")
    return data[:start] + data[start:-1] * count + b";"


def _bmp_rle(side: int, content: bytes) -> bytes:
    palette = bytes(range(256)) * 4
    head = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(content), 0, 0, 256, 0)
    offset = 14 + len(head) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(content), 0, 0, offset) + head + palette + content


def tiff(entries: list[tuple[int, int, int, int]], rest: bytes, pages: int = 1) -> bytes:
    """A TIFF of entries (tag, type, number of values, value or place); ``rest`` is at 8, before the directories."""
    place, directories = 8 + len(rest), list[bytes]()
    for page in range(pages):
        size = 2 + 12 * len(entries) + 4
        following = place + size if page + 1 < pages else 0
        listed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
        directories.append(struct.pack("<H", len(entries)) + listed + struct.pack("<I", following))
        place += size
    return b"II*\0" + struct.pack("<I", 8 + len(rest)) + rest + b"".join(directories)


def _grey_tiff(width: int, height: int, strips: int, pages: int = 1) -> bytes:
    rows = -(-height // strips)
    offsets = struct.pack(f"<{strips}I", *[8] * strips)
    counts = struct.pack(f"<{strips}I", *[rows * width] * strips)
    rest = offsets + counts + bytes(rows * width)
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    entries += [(273, 4, strips, 8), (277, 3, 1, 1), (278, 4, 1, rows), (279, 4, strips, 8 + 4 * strips)]
    if strips == 1:
        entries[5], entries[8] = (273, 4, 1, 16), (279, 4, 1, rows * width)
    return tiff(entries, rest, pages)


def _webp_frames(count: int) -> bytes:
    frames = [Image.new("RGB", (64, 64), (shade % 2, 0, 0)) for shade in range(2)]
    data = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True, allow_mixed=False)
    first = data.index(b"ANMF")
    size = 8 + struct.unpack("<I", data[first + 4 : first + 8])[0]
    body = data[8:first] + data[first : first + size] * count
    return b"RIFF" + struct.pack("<I", len(body)) + body


HOSTILE: dict[str, Callable[[], bytes]] = {
    "jpeg, 13,000 scans": _many_scans,
    "jpeg, 90 scans of 49 million pixels": _scans_of_much,
    "jpeg, fill bytes": lambda: b"\xff\xd8" + b"\xff" * 29_000_000 + saved(face(), "JPEG")[2:],
    "jpeg, nothing but fill bytes": lambda: b"\xff\xd8" + b"\xff" * 29_000_000,
    "jpeg, fill bytes before its end": lambda: saved(face(), "JPEG")[:-2] + b"\xff" * 29_000_000 + b"\xd9",
    "jpeg, empty comments": lambda: _segments(0xFE, b"", 5_000_000),
    "jpeg, notes": lambda: _segments(0xE1, b"Exif\0\0" + b"x" * 100, 250_000),
    "jpeg, tables": lambda: _segments(0xDB, b"\0" + b"\1" * 64, 400_000),
    "jpeg, restarts": lambda: saved(face(), "JPEG")[:-2] + b"\xff\xd0" * 14_000_000 + b"\xff\xd9",
    "png, empty chunks": lambda: _png(96, 96, 0, bytes(97 * 96), png_chunk(b"teSt") * 2_400_000),
    "png, empty pixels": lambda: _png(96, 96, 0, bytes(97 * 96)).replace(
        png_chunk(b"IEND"), png_chunk(b"IDAT") * 2_000_000 + png_chunk(b"IEND")
    ),
    "png, packed texts": lambda: _png(
        96, 96, 0, _shades(), png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(50_000_000), 9)) * 60
    ),
    "png, packed profile": lambda: _png(
        96, 96, 0, _shades(), png_chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(100_000_000), 9))
    ),
    "png, 1,560,000 by 16": lambda: _png(1_560_000, 16, 2, bytes((3 * 1_560_000 + 1) * 16)),
    "png, 49 million pixels, laced": lambda: _png(7000, 7000, 6, bytes(4 * 7000 * 7001 + 80_000), interlaced=1),
    "png, more than its size": lambda: _png(96, 96, 0, bytes(100_000_000)),
    "gif, comments": lambda: _gif(b"\x21\xfe" + (b"\xff" + b"x" * 255) * 110_000 + b"\0"),
    "gif, empty notes": lambda: _gif(b"\x21\x01\0" * 9_000_000),
    "gif, bytes one by one": lambda: _gif(b"\x21\xff" + b"\1x" * 14_000_000 + b"\0"),
    "gif, blank frames of 16 million pixels": lambda: _gif_frames(4000, 400),
    "gif, a million frames": lambda: _gif_frames(16, 500_000),
    "bmp, runs of nothing": lambda: _bmp_rle(5000, b"\0\0" * 14_000_000),
    "bmp, runs of one": lambda: _bmp_rle(5000, b"\1\1" * 14_000_000),
    "bmp, jumps": lambda: _bmp_rle(2000, b"\0\2\xff\xff" * 7_000_000),
    "tiff, 7 million strips": lambda: _grey_tiff(16, 3_000_000, 3_000_000),
    "tiff, most strips that are allowed": lambda: _grey_tiff(256, 49_000, 49_000),
    "tiff, 60,000 tags": lambda: tiff([(256, 4, 1, 64), (257, 4, 1, 64), *[(40_000, 3, 1, 1)] * 60_000], b""),
    "tiff, 7 million values": lambda: tiff([(258, 3, 7_000_000, 8), (256, 4, 1, 64)], bytes(14_000_000)),
    "tiff, 100,000 blank pages": lambda: _grey_tiff(32, 32, 1, 100_000),
    "tiff, a page after itself": lambda: (page := _grey_tiff(32, 32, 1))[:-4] + page[4:8],
    "jpeg, 174 million pixels": lambda: saved(Image.new("RGB", (14_500, 12_000)), "JPEG", subsampling=0),
    "jpeg, progressive, 49 million pixels": lambda: saved(Image.new("RGB", (7000, 7000)), "JPEG", progressive=True),
    "png, 49 million pixels": lambda: saved(Image.new("RGBA", (7000, 7000), "red"), "PNG", compress_level=1),
    "tiff, 49 million pixels": lambda: saved(Image.new("CMYK", (7000, 7000)), "TIFF", compression="tiff_lzw"),
    "tiff, 49 million deep pixels": lambda: saved(
        Image.new("I", (7000, 7000)), "TIFF", compression="tiff_adobe_deflate"
    ),
    "gif, 49 million pixels": lambda: saved(Image.new("P", (7000, 7000)), "GIF"),
    "webp, 25 million pixels": lambda: saved(Image.new("RGBA", (5000, 5000), "red"), "WEBP", lossless=True, method=0),
    "avif, 49 million pixels": lambda: saved(Image.new("RGB", (7000, 7000)), "AVIF", speed=10),
    "heif, 49 million pixels": lambda: heif(Image.new("RGB", (7000, 7000))),
    "webp, 300,000 frames": lambda: _webp_frames(300_000),
    "webp, 16,000 frames": lambda: _webp_frames(16_000),
}
"""Each kind by a name, made when it is wanted: some are of 30 MB."""
