"""Names in Picasa's ``.picasa.ini``, which lies in the folder of the photos it speaks of.

A face is ``rect64(3f845bcb59418507),d10a8325c557b085``: left, top, right and bottom in four digits each, without zeros
in front, and the number of a contact, whose name stands under ``[Contacts2]``. The sides are relative to the picture as
it is stored; ``rotate=`` turns what Picasa shows and not these (Philipp91/picasa2digikam; exiftool's
``picasa_faces.config`` takes them over into the Metadata Working Group's form as they are).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from niteru.engine.photos.names.claim import Claim
from niteru.engine.photos.names.named import Fault, FaultKind, Source
from niteru.engine.photos.names.relative_box import RelativeBox
from niteru.engine.photos.names.xml_tree import MOST_BYTES
from niteru.engine.photos.photo_stamp import PhotoStamp
from niteru.engine.photos.source import PhotoSource

NAMES = (".picasa.ini", "Picasa.ini")
"""The file's names; older versions wrote the second."""
UNNAMED = "ffffffffffffffff"
"""Contact of faces that nobody has named."""
_WHOLE = 0xFFFF
_SECTION = re.compile(r"\[(.+)\]\s*")
_FACE = re.compile(r"rect64\(([0-9a-f]{1,16})\),\s*([0-9a-f]+)", re.IGNORECASE)
_ACCOUNT = re.compile(r"[^,;]*_lh,[0-9a-f]+", re.IGNORECASE)
"""How ``[Contacts]`` of older versions refers to contacts in a Google account: it has no names."""


@dataclass(slots=True)
class PicasaFolder:
    """What one of the files says: faces by photo, and names by contact."""

    faces: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def picasa_claims(ini: PhotoSource, photo: str, orientation: int, faults: list[Fault]) -> Iterator[Claim]:
    """Names that Picasa wrote down for a photo.

    Args:
        ini: the file.
        photo: the photo's file name.
        orientation: its EXIF orientation.
        faults: what is wrong is added to them.

    Raises:
        OSError: the file cannot be read.
    """
    stamp = PhotoStamp.of(ini)
    if stamp.size > MOST_BYTES:
        faults.append(Fault(FaultKind.TOO_LARGE, f"{ini}: its names were not read: more than {MOST_BYTES:,} bytes"))
        return
    folder = _read(ini, stamp)
    for face in filter(None, folder.faces.get(_key(photo), "").split(";")):
        found = _FACE.fullmatch(face.strip())
        contact = _contact(found[2]) if found else ""
        if found is None:
            faults.append(Fault(FaultKind.BROKEN_FILE, f"{ini}: a face of {photo} cannot be read: {face[:40]!r}"))
        elif contact in folder.names:
            yield Claim.placed(folder.names[contact], _box(found[1]), orientation, Source.PICASA, str(ini), faults)
        elif contact != UNNAMED:
            what = f"a face of {photo} is of contact {contact}, who has no name there: name it in another program"
            faults.append(Fault(FaultKind.NO_SUCH_CONTACT, f"{ini}: {what}"))


def _box(digits: str) -> RelativeBox:
    digits = digits.zfill(16)
    left, top, right, bottom = (int(digits[at : at + 4], 16) / _WHOLE for at in range(0, 16, 4))
    return RelativeBox(left, top, right - left, bottom - top)


@functools.lru_cache(maxsize=4)
def _read(ini: PhotoSource, _stamp: PhotoStamp) -> PicasaFolder:
    """Read a file once for all photos in its folder."""
    folder, section = PicasaFolder(), ""
    for line in _text(ini.read_bytes()).splitlines():
        if found := _SECTION.fullmatch(line):
            section = _key(found[1])
            continue
        key, _, value = line.partition("=")
        if section in ("contacts2", "contacts"):
            name = value.split(";")[0].strip()
            if name and not _ACCOUNT.fullmatch(name):
                folder.names[_contact(key.strip())] = name
        elif key.strip().lower() == "faces":
            folder.faces[section] = value
    return folder


def _text(data: bytes) -> str:
    """The file's text: UTF-8, or what older versions wrote, the code page of western Windows."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _contact(number: str) -> str:
    return number.lower().lstrip("0")


def _key(photo: str) -> str:
    """A file's name as file systems compare it that know neither capitals nor how an accent is spelled."""
    return unicodedata.normalize("NFC", photo).casefold()
