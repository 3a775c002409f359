"""Dates that a picture's own file has: in EXIF, and in XMP."""

from __future__ import annotations

import re
from dataclasses import dataclass

from niteru.engine.photos.file_content import read_bytes
from niteru.engine.photos.names.picture_head import head_of
from niteru.engine.photos.names.xml_tree import XmlBroken
from niteru.engine.photos.names.xmp import BASIC, EXIF, PHOTOSHOP, as_text, properties_in
from niteru.engine.photos.photo_error import PhotoError
from niteru.engine.photos.source import PhotoSource

_MOMENT = re.compile(r"(\d{4})(?:[:/-](\d{2})(?:[:/-](\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?))?)?)?")
_JPEG, _HEAD_BYTES = b"\xff\xd8", 2**20
_IN_XMP = (
    f"{EXIF} DateTimeOriginal",
    f"{PHOTOSHOP} DateCreated",
    f"{EXIF} DateTimeDigitized",
    f"{BASIC} CreateDate",
)
"""Properties, the first that is there counts: when it was taken, and then when it was digitised."""


@dataclass(frozen=True, slots=True)
class PictureDates:
    """Dates as a picture's file has them, such as ``1987-07-04T10:15:00`` or ``1987``; empty where there is none.

    Attributes:
        taken, digitised: in EXIF.
        xmp: in XMP.
    """

    taken: str = ""
    digitised: str = ""
    xmp: str = ""


def dates_in(data: bytes) -> PictureDates:
    """Read the dates in a picture's file, without decoding its pixels.

    Args:
        data: all bytes of the file.

    Returns:
        The dates; none of a file that is no picture, or damaged.
    """
    try:
        head = head_of(data)
    except PhotoError:
        return PictureDates()
    return PictureDates(_tidy(head.taken), _tidy(head.digitised), _in_xmp(head.packets))


def dates_of(photo: PhotoSource) -> PictureDates:
    """Read the dates in a photo's file, of a JPEG only its beginning, where they are.

    Args:
        photo: a file here or in a store.

    Raises:
        OSError, PhotoError: it cannot be read.
    """
    with photo.open("rb") as opened:
        head = opened.read(_HEAD_BYTES)
    return dates_in(head if head.startswith(_JPEG) else read_bytes(photo))


def _in_xmp(packets: tuple[bytes, ...]) -> str:
    for packet in packets:
        try:
            properties = properties_in(packet)
        except XmlBroken:
            continue
        for name in _IN_XMP:
            if found := _tidy(as_text(properties.get(name))):
                return found
    return ""


def _tidy(text: str) -> str:
    """A date as it is written in EXIF or in XMP, in the form of the latter, without fractions and time zone."""
    found = _MOMENT.match(text)
    if found is None or found[1] == "0000":
        return ""
    year, month, day, time = (None if part == "00" else part for part in found.groups())
    days = "-".join(part for part in (year, month, day if month else None) if part)
    return f"{days}T{time}" if time and month and day else days
