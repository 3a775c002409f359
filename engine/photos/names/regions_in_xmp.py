"""Names in a packet of XMP, in each form in which programs write them.

Boxes are relative to the picture *as it is stored*, before its EXIF orientation turns it. The Metadata Working Group
says so ("Region metadata is applied to the stored image", Guidelines for Handling Image Metadata 2.0, 5.9), and so do
the sources of digiKam and Immich for its form, and measurements of Windows Photo Gallery for Microsoft's (farblos/
wpg2dk). Where ``AppliedToDimensions`` has the sides of the upright picture instead, the boxes are taken as upright.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator

from niteru.engine.photos.names.claim import Claim
from niteru.engine.photos.names.named import Fault, FaultKind, Source
from niteru.engine.photos.names.picture_head import PictureHead
from niteru.engine.photos.names.relative_box import SIDEWAYS, RelativeBox
from niteru.engine.photos.names.xml_tree import XmlBroken, XmlTooLarge
from niteru.engine.photos.names.xmp import (
    ACDSEE,
    IPTC,
    MICROSOFT,
    MWG,
    PHOTOSHOP,
    Value,
    as_list,
    as_structure,
    as_text,
    properties_in,
)

MOST_REGIONS = 250
"""Of one form in one file."""
SAME_SHAPE = 0.02
"""Relative difference of two ratios of sides that rounding, as of a thumbnail's, explains."""
_NAMESPACES = tuple(namespace.encode() for namespace in (MWG, MICROSOFT, ACDSEE, IPTC))
_AREAS = ("Area", "DLYArea", "ALGArea")
"""The last two are ACDSee's: as a person drew it, and as it was detected."""


def claims_in(
    packet: bytes, file: str, picture: PictureHead, faults: list[Fault], suffix: str | None = None
) -> list[Claim]:
    """Names in a packet of XMP, those with boxes first, in the order in which forms are trusted.

    Args:
        packet: its bytes, from a photo or a file beside it.
        file: path of that file, for sentences.
        picture: the photo whose names these are.
        faults: what is wrong is added to them.
        suffix: of the photo, if the packet may belong to another file with the same stem (a raw one), and says so.
    """
    if not any(namespace in packet for namespace in _NAMESPACES):
        return []  # as in most photos; it need not even be XML
    try:
        properties = properties_in(packet)
    except XmlTooLarge as error:
        faults.append(Fault(FaultKind.TOO_LARGE, f"{file}: its names were not read: {error}"))
        return []
    except XmlBroken as error:
        faults.append(Fault(FaultKind.BROKEN_FILE, f"{file}: its names were not read: {error}; write it anew"))
        return []
    other = as_text(properties.get(f"{PHOTOSHOP} SidecarForExtension"))
    if suffix is not None and other and other.lower() != suffix.lower().lstrip("."):
        return []
    return list(_Forms(properties, file, picture, faults).claims())


class _Forms:
    def __init__(self, properties: dict[str, Value], file: str, picture: PictureHead, faults: list[Fault]) -> None:
        self._properties, self._file, self._picture, self._faults = properties, file, picture, faults

    def claims(self) -> Iterator[Claim]:
        """All names."""
        mwg = as_structure(self._properties.get(f"{MWG} Regions"))
        turn = self._turn(mwg)
        yield from self._centred(mwg, Source.MWG, turn)
        # Microsoft's form has no sides: whoever wrote both forms drew both on the same picture.
        yield from self._microsoft(turn)
        acdsee = as_structure(self._properties.get(f"{ACDSEE} Regions"))
        yield from self._centred(acdsee, Source.ACDSEE, self._turn(acdsee))
        for name in self._few(as_list(self._properties.get(f"{IPTC} PersonInImage"))):
            yield Claim(as_text(name), None, Source.IPTC, self._file)

    def _centred(self, info: dict[str, Value], source: Source, turn: int | None) -> Iterator[Claim]:
        """The form of the Metadata Working Group, which ACDSee has, too: middle, width and height."""
        for item in self._few(as_list(info.get("RegionList"))):
            region = as_structure(item)
            if name := name_in_region(region):
                area = next((as_structure(region[key]) for key in _AREAS if key in region), {})
                yield self._claim(name, self._around_middle(area, info) if area else None, source, turn)

    def _microsoft(self, turn: int | None) -> Iterator[Claim]:
        """Microsoft's: corner, width and height as one text; missing or 0 where the name is of the whole photo."""
        info = as_structure(self._properties.get(f"{MICROSOFT} RegionInfo"))
        for item in self._few(as_list(info.get("Regions"))):
            region = as_structure(item)
            name, text = as_text(region.get("PersonDisplayName")), as_text(region.get("Rectangle"))
            if name.strip():
                numbers = [_number(part) for part in text.split(",")] if text else [0.0] * 4
                box = RelativeBox(*numbers) if len(numbers) == 4 else RelativeBox(*[math.nan] * 4)
                yield self._claim(name, box if any(box) else None, Source.MICROSOFT, turn)

    def _claim(self, name: str, box: RelativeBox | None, source: Source, turn: int | None) -> Claim:
        """A claim with the box turned upright, or without one if it cannot be used."""
        if box is None or turn is None:
            return Claim(name, None, source, self._file)
        return Claim.placed(name, box, turn, source, self._file, self._faults)

    def _around_middle(self, area: dict[str, Value], info: dict[str, Value]) -> RelativeBox:
        x, y, width, height = (_number(as_text(area.get(key) or area.get(key.upper()))) for key in "xywh")
        wide, high = map(float, self._picture.stored)
        if "d" in area:  # a circle, whose diameter is relative to the shorter side
            width, height = (_number(as_text(area["d"])) * min(wide, high) / side for side in (wide, high))
        if as_text(area.get("unit")).strip().lower() == "pixel":
            wide, high = _sides(info) or (wide, high)
            return RelativeBox.around(x / wide, y / high, width / wide, height / high)
        return RelativeBox.around(x, y, width, height)

    def _turn(self, info: dict[str, Value]) -> int | None:
        turn = turn_of(info, self._picture)
        if turn is None:
            drawn, stored = _sides(info) or (0, 0), self._picture.stored
            what = "the boxes of faces were drawn on a picture of {:g}×{:g}, and this one is stored with {}×{}"
            kept = "their names are kept without them"
            self._tell(FaultKind.OTHER_PICTURE, f"{what.format(*drawn, *stored)}: {kept}")
        return turn

    def _few(self, items: list[Value]) -> list[Value]:
        if len(items) > MOST_REGIONS:
            self._tell(FaultKind.TOO_LARGE, f"only the first {MOST_REGIONS:,} of {len(items):,} names were read")
        return items[:MOST_REGIONS]

    def _tell(self, kind: FaultKind, what: str) -> None:
        self._faults.append(Fault(kind, f"{self._file}: {what}"))


def turn_of(info: dict[str, Value], picture: PictureHead) -> int | None:
    """The orientation by which boxes are turned upright; None if they are of a picture of another shape.

    Args:
        info: the structure of regions.
        picture: the photo in whose file or beside which it is.
    """
    sides = _sides(info)
    if sides is None:
        return picture.orientation
    drawn_on, stored = (math.log(wide / high) for wide, high in (sides, picture.stored))
    if abs(drawn_on - stored) <= SAME_SHAPE:
        return picture.orientation
    return 1 if picture.orientation in SIDEWAYS and abs(drawn_on + stored) <= SAME_SHAPE else None


def name_in_region(region: dict[str, Value]) -> str:
    """The name of a face as the Metadata Working Group and ACDSee write it; "" of what is no face or has no name."""
    kind = as_text(region.get("Type")).strip().lower()  # a pet, a bar code, what was focused on
    return as_text(region.get("Name")).strip() if kind in ("face", "") else ""


def _sides(info: dict[str, Value]) -> tuple[float, float] | None:
    """Width and height of the picture that boxes were drawn on, if it is told."""
    told = as_structure(info.get("AppliedToDimensions"))
    wide, high = (_number(as_text(told.get(key))) for key in "wh")
    return (wide, high) if 0 < wide < math.inf and 0 < high < math.inf else None


def _number(text: str) -> float:
    """A number; NaN if it is none."""
    with contextlib.suppress(ValueError):
        return float(text)
    return math.nan
