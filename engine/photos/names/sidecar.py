"""Names written into a file of XMP beside a photo; the photo itself is never touched.

What the file holds already stays as it is to the byte, but for the items that are replaced: the regions of named faces
in the Metadata Working Group's form and, if there are any, in Microsoft's, and their names in ``PersonInImage``.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from niteru.engine.failure import Failure
from niteru.engine.photos.file_content import read_bytes
from niteru.engine.photos.names import region_items as items
from niteru.engine.photos.names.beside import beside
from niteru.engine.photos.names.named import NamedRegion
from niteru.engine.photos.names.names_in import sidecar_names
from niteru.engine.photos.names.picture_head import PictureHead, head_of
from niteru.engine.photos.names.regions_in_xmp import name_in_region, turn_of
from niteru.engine.photos.names.relative_box import TURNED_BACK, RelativeBox
from niteru.engine.photos.names.xml_edits import XmlEdits
from niteru.engine.photos.names.xml_tree import Element, XmlBroken, parse_xml
from niteru.engine.photos.names.xmp import IPTC, MICROSOFT, MWG, RDF, as_structure, as_text, nodes, value_of
from niteru.engine.photos.person_name import checked_name, is_nobody, name_key
from niteru.engine.work.write_atomically import write_atomically


class SidecarUnusable(Failure):
    """The file beside the photo cannot be changed without loss, or cannot be written."""


def write_sidecar(photo: Path, regions: Sequence[NamedRegion]) -> Path:
    """Write names and boxes into ``IMG.jpg.xmp`` beside ``IMG.jpg``, where digiKam and darktable look for them.

    All regions of named faces that the file has are replaced; faces without a name, pets, and people without a box
    stay. A process that is killed leaves the old file or the new one.

    Args:
        photo: the picture; it is only read.
        regions: all named faces of the photo; with none, those in the file are taken out.

    Returns:
        The file.

    Raises:
        SidecarUnusable: the file is broken, in an encoding that is not ASCII's kin, or cannot be written.
        BadName: a name cannot be a person's.
        BadBox: a box is none.
        PhotoError: the photo cannot be read.

    Example:
        >>> from tempfile import mkdtemp
        >>> from PIL import Image
        >>> photo = Path(mkdtemp()) / "party.png"
        >>> Image.new("RGB", (400, 300)).save(photo)
        >>> write_sidecar(photo, [NamedRegion("Ada", RelativeBox(0.25, 0.25, 0.5, 0.5))]).name
        'party.png.xmp'
        >>> from niteru.engine.photos.names.names_in import names_in
        >>> names_in(photo).regions[0].name
        'Ada'
    """
    picture = head_of(read_bytes(photo))
    faces = [(checked_name(one.name), one.box.checked()) for one in regions]
    own, _ = sidecar_names(photo)
    there = beside(photo, *own)
    file = there if isinstance(there, Path) else photo.with_name(own[0])
    try:
        old = file.read_bytes() if there is not None else items.EMPTY.encode()
        new = _Sidecar(old, picture).with_faces(faces)
        with write_atomically(file.resolve()) as aside:  # a link stays one
            aside.write_bytes(new)
            if there is not None:
                shutil.copymode(file, aside)
    except XmlBroken as error:
        raise SidecarUnusable(f"{file}: names were not written into it: {error}; mend it, or move it away") from None
    except OSError as error:
        raise SidecarUnusable(f"{file}: names were not written into it: {error.strerror or error}") from None
    return file


class _Sidecar:
    """A document, and the changes to it."""

    def __init__(self, data: bytes, picture: PictureHead) -> None:
        self._picture, self._edits = picture, XmlEdits(data)
        root = parse_xml(data)
        self._rdf = next(root.all_named(f"{RDF} RDF"), None)
        self._properties = [child for node in nodes(root) for child in node.children]
        self._gone = set[str]()
        """Keys of the names whose regions are taken out."""
        self._new = ""

    def with_faces(self, faces: list[tuple[str, RelativeBox]]) -> bytes:
        """The document with these faces.

        Raises:
            XmlBroken: it is no XMP, or would not be any more.
        """
        if self._rdf is None:
            raise XmlBroken("it has no rdf:RDF")
        turn = self._replace_mwg(faces)
        self._replace_microsoft(faces, turn)
        self._replace_people([name for name, _ in faces])
        if self._new:
            self._edits.append(self._rdf, items.description(self._new))
        new = self._edits.result()
        parse_xml(new)
        return new

    def _replace_mwg(self, faces: list[tuple[str, RelativeBox]]) -> int:
        """Returns the orientation of the picture that the boxes are of."""
        listed = self._list(f"{MWG} Regions", f"{MWG} RegionList")
        info = as_structure(value_of(listed[0])) if listed else {}
        turn = turn_of(info, self._picture) if listed else None
        if listed and turn is not None:
            self._cut_items(listed[1], lambda item: name_in_region(as_structure(value_of(item))))
            self._edits.append(listed[1], _written(faces, items.mwg_item, turn))
            return turn
        self._cut(f"{MWG} Regions", lambda item: name_in_region(as_structure(value_of(item))))
        turn = self._picture.orientation
        if faces:
            self._new += items.mwg_regions(self._picture.stored, _written(faces, items.mwg_item, turn))
        return turn

    def _replace_microsoft(self, faces: list[tuple[str, RelativeBox]], turn: int) -> None:
        """Only where there is a list already, lest it contradict the other."""
        listed = self._list(f"{MICROSOFT} RegionInfo", f"{MICROSOFT}t/RegionInfo# Regions")
        if listed:
            self._cut_items(listed[1], lambda item: as_text(as_structure(value_of(item)).get("PersonDisplayName")))
            self._edits.append(listed[1], _written(faces, items.microsoft_item, turn))

    def _replace_people(self, names: list[str]) -> None:
        name = f"{IPTC} PersonInImage"
        listed = self._list(name, name)
        missing = {name_key(one): one for one in names}
        for item in listed[1].children if listed else ():
            key = name_key(as_text(value_of(item)))
            if key not in missing and key in self._gone:
                self._edits.cut(item)
            missing.pop(key, None)
        new = "".join(map(items.person_item, missing.values()))
        if listed:
            self._edits.append(listed[1], new)
        elif new:
            self._new += items.people(new)

    def _list(self, name: str, inner: str) -> tuple[Element, Element] | None:
        """A property and the list in it, unless that is missing."""
        for found in (one for one in self._properties if one.name == name):
            for holder in found.all_named(inner):
                for bag in holder.children:
                    if bag.name in (f"{RDF} Bag", f"{RDF} Seq"):
                        return found, bag
        return None

    def _cut_items(self, bag: Element, name_of: Callable[[Element], str]) -> None:
        for item in bag.children:
            if (name := name_of(item)) and not is_nobody(name):
                self._gone.add(name_key(name))
                self._edits.cut(item)

    def _cut(self, name: str, name_of: Callable[[Element], str]) -> None:
        for found in (one for one in self._properties if one.name == name):
            self._gone |= {name_key(name_of(item)) for item in found.all_named(f"{RDF} li")}
            self._edits.cut(found)


def _written(faces: list[tuple[str, RelativeBox]], item: Callable[[str, RelativeBox], str], orientation: int) -> str:
    """Faces as items of a list whose boxes are of a picture that this orientation turns upright."""
    return "".join(item(name, box.turned(TURNED_BACK[orientation])) for name, box in faces)
