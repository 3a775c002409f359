"""What a photo's file says of itself before its pixels: sides, orientation, its dates in EXIF, and packets of XMP."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zlib
from dataclasses import dataclass

from PIL import ExifTags, Image

from niteru.engine.photos.decoding.deep import is_tiff
from niteru.engine.photos.decoding.orientation import orientation_of
from niteru.engine.photos.decoding.stored import FORMATS
from niteru.engine.photos.decoding.structure import check_structure
from niteru.engine.photos.names.relative_box import SIDEWAYS
from niteru.engine.photos.names.xml_tree import MOST_BYTES
from niteru.engine.photos.photo_error import CorruptImage, PhotoError

_PNG = b"\x89PNG\r\n\x1a\n"
_TEXTS = (b"tEXt", b"zTXt", b"iTXt", b"eXIf")
_EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
_PIECE = struct.Struct(">32sII")
_TURN = re.compile(rb"\0\0\0\x09irot(.)", re.DOTALL)
_MIRROR = b"\0\0\0\x09imir"
_BY_QUARTERS = (1, 8, 3, 6)
"""EXIF orientation by the quarters that HEIF turns a picture against the clock."""
_WIDTH, _HEIGHT, _ORIENTATION, _XMP = 256, 257, 274, 700
_TAKEN, _DIGITISED = ExifTags.Base.DateTimeOriginal, ExifTags.Base.DateTimeDigitized


@dataclass(frozen=True, slots=True)
class PictureHead:
    """A picture as its file holds it.

    Attributes:
        stored: width and height before it is turned, in pixels.
        orientation: EXIF orientation by which it is turned upright, 1 to 8.
        packets: XMP.
        taken, digitised: the two dates in EXIF, as they are written there; empty where they are not.
    """

    stored: tuple[int, int]
    orientation: int = 1
    packets: tuple[bytes, ...] = ()
    taken: str = ""
    digitised: str = ""

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height once it is turned, in pixels."""
        width, height = self.stored
        return (height, width) if self.orientation in SIDEWAYS else (width, height)


def head_of(data: bytes) -> PictureHead:
    """Read the head of a picture without decoding it.

    Args:
        data: all bytes of its file.

    Raises:
        PhotoError: it is no picture that niteru reads, or is damaged.
    """
    check_structure(data)
    try:
        if is_tiff(data):
            return _of_tiff(data)
        with warnings.catch_warnings(action="ignore"):
            return _by_pillow(_texts_first(data) if data.startswith(_PNG) else data)
    except PhotoError:
        raise
    except Exception as error:  # as in decoding, errors are of a dozen kinds
        raise CorruptImage(f"it cannot be opened as a picture: {error}") from None


def _by_pillow(data: bytes) -> PictureHead:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        size, orientation = image.size, _orientation(image, data)
        if image.format == "HEIF" and orientation in SIDEWAYS:
            size = size[1], size[0]
        packet = image.info.get("xmp", b"")
        packet = packet.encode() if isinstance(packet, str) else bytes(packet)
        packets = [packet, *_extended(packet, getattr(image, "applist", []))]
        return PictureHead(size, orientation, tuple(filter(None, packets)), *_dates(image))


def _dates(image: Image.Image) -> tuple[str, str]:
    try:
        exif = image.getexif().get_ifd(ExifTags.IFD.Exif)
    except Exception:  # the picture is there without it, and damaged EXIF fails in many ways
        return "", ""
    return _as_text(exif.get(_TAKEN)), _as_text(exif.get(_DIGITISED))


def _as_text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return value.strip("\0 ") if isinstance(value, str) else ""


def _orientation(image: Image.Image, data: bytes) -> int:
    if image.format != "HEIF":
        return orientation_of(image)
    turn = _TURN.search(data)
    if not turn and _MIRROR not in data:
        return 1  # whatever EXIF says, a HEIF is only turned by its own boxes
    quarters = turn[1][0] % 4 if turn else 0
    return int(image.info.get("original_orientation") or _BY_QUARTERS[quarters])


def _of_tiff(data: bytes) -> PictureHead:
    """The first page's, whatever its depth; Pillow gives some of them sides that are turned already."""
    import tifffile

    with tifffile.TiffFile(io.BytesIO(data)) as file:
        tags = file.pages[0].tags  # type: ignore[union-attr]
        orientation = tags.valueof(_ORIENTATION, 1)
        packet, exif = tags.valueof(_XMP, b""), tags.valueof(ExifTags.IFD.Exif, {})
        dates = (exif.get(_TAKEN.name), exif.get(_DIGITISED.name)) if isinstance(exif, dict) else ()
        return PictureHead(
            (int(tags.valueof(_WIDTH)), int(tags.valueof(_HEIGHT))),
            int(orientation) if orientation in range(1, 9) else 1,
            (bytes(packet),) if packet else (),
            *map(_as_text, dates),
        )


def _texts_first(data: bytes) -> bytes:
    """A PNG with its texts, which may follow the pixels, in front of them: only those are read with its head.

    Their checksums are made anew, for viewers, and decoding, overlook wrong ones.
    """
    parts, texts, place = list[bytes](), list[bytes](), len(_PNG)
    while place + 8 <= len(data):
        end = place + 12 + int.from_bytes(data[place : place + 4], "big")
        if data[place + 4 : place + 8] in _TEXTS and end <= len(data):
            checksum = zlib.crc32(data[place + 4 : end - 4])
            texts.append(data[place : end - 4] + checksum.to_bytes(4, "big"))
        else:
            parts.append(data[place:end])
        place = end
    return b"".join([_PNG, *parts[:1], *texts, *parts[1:]])


def _extended(packet: bytes, segments: list[tuple[str, bytes]]) -> list[bytes]:
    """The second packet of a JPEG whose XMP does not fit into one segment, if the first one names it."""
    whole = bytearray()
    for _, segment in segments:
        if not segment.startswith(_EXTENDED) or len(segment) < len(_EXTENDED) + _PIECE.size:
            continue
        digest, length, offset = _PIECE.unpack_from(segment, len(_EXTENDED))
        piece = segment[len(_EXTENDED) + _PIECE.size :]
        if digest in packet and length <= MOST_BYTES and offset + len(piece) <= length:
            whole.extend(bytes(max(length - len(whole), 0)))
            whole[offset : offset + len(piece)] = piece
    return [bytes(whole)] if whole else []
