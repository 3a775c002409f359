"""XMP as photo programs spell it: the same names, each program's way of writing RDF."""

from __future__ import annotations

NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "stArea": "http://ns.adobe.com/xmp/sType/Area#",
    "stDim": "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
    "MP": "http://ns.microsoft.com/photo/1.2/",
    "MPRI": "http://ns.microsoft.com/photo/1.2/t/RegionInfo#",
    "MPReg": "http://ns.microsoft.com/photo/1.2/t/Region#",
    "acdsee-rs": "http://ns.acdsee.com/regions/",
    "acdsee-stArea": "http://ns.acdsee.com/sType/Area#",
    "acdsee-stDim": "http://ns.acdsee.com/sType/Dimensions#",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "apple-fi": "http://ns.apple.com/faceinfo/1.0/",
}
Faces = dict[str, tuple[float, float, float, float]]
"""Left, top, width and height, in fractions of the stored picture, by name."""


def packet(properties: str, attributes: str = "") -> str:
    names = " ".join(f'xmlns:{prefix}="{address}"' for prefix, address in NAMESPACES.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        f'xmlns:rdf="{NAMESPACES["rdf"]}"><rdf:Description rdf:about="" {names} {attributes}>{properties}'
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )


def bag(items: list[str]) -> str:
    return f"<rdf:Bag>{''.join(items)}</rdf:Bag>"


def area_attributes(box: tuple[float, float, float, float], prefix: str = "stArea") -> str:
    x, y, width, height = box
    values = {"x": x + width / 2, "y": y + height / 2, "w": width, "h": height}
    return " ".join(f'{prefix}:{key}="{value:g}"' for key, value in values.items())


def digikam(faces: Faces, size: tuple[int, int]) -> str:
    """Exiv2's spelling, both forms; older versions say nothing of the sides, as here."""
    mwg = [
        f'<rdf:li><rdf:Description mwg-rs:Name="{name}" mwg-rs:Type="Face"><mwg-rs:Area {area_attributes(box)} '
        'stArea:unit="normalized"/></rdf:Description></rdf:li>'
        for name, box in faces.items()
    ]
    microsoft = [
        f'<rdf:li MPReg:Rectangle="{", ".join(f"{side:g}" for side in box)}" MPReg:PersonDisplayName="{name}"/>'
        for name, box in faces.items()
    ]
    return packet(
        f'<MP:RegionInfo rdf:parseType="Resource"><MPRI:Regions>{bag(microsoft)}</MPRI:Regions></MP:RegionInfo>'
        f'<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList>{bag(mwg)}</mwg-rs:RegionList></mwg-rs:Regions>'
    )


def lightroom(faces: Faces, size: tuple[int, int]) -> str:
    """Structures as descriptions, with a rotation that is Lightroom's own."""
    items = [
        f'<rdf:li><rdf:Description mwg-rs:Rotation="0.01200" mwg-rs:Name="{name}" mwg-rs:Type="Face">'
        f"<mwg-rs:Area {area_attributes(box)}/></rdf:Description></rdf:li>"
        for name, box in faces.items()
    ]
    sides = f'stDim:w="{size[0]}" stDim:h="{size[1]}" stDim:unit="pixel"'
    return packet(
        f"<mwg-rs:Regions><rdf:Description><mwg-rs:AppliedToDimensions {sides}/><mwg-rs:RegionList>{bag(items)}"
        "</mwg-rs:RegionList></rdf:Description></mwg-rs:Regions>"
    )


def picasa(faces: Faces, size: tuple[int, int]) -> str:
    """Elements throughout, with faces that nobody has named."""
    items = []
    for name, (x, y, width, height) in {**faces, "": (0.0, 0.0, 0.05, 0.05)}.items():
        values = {"x": x + width / 2, "y": y + height / 2, "w": width, "h": height, "unit": "normalized"}
        area = "".join(f"<stArea:{key}>{value}</stArea:{key}>" for key, value in values.items())
        items.append(
            '<rdf:li rdf:parseType="Resource"><mwg-rs:Type>Face</mwg-rs:Type>'
            + (f"<mwg-rs:Name>{name}</mwg-rs:Name>" if name else "")
            + f'<mwg-rs:Area rdf:parseType="Resource">{area}</mwg-rs:Area></rdf:li>'
        )
    sides = f"<stDim:w>{size[0]}</stDim:w><stDim:h>{size[1]}</stDim:h><stDim:unit>pixel</stDim:unit>"
    return packet(
        '<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:AppliedToDimensions rdf:parseType="Resource">'
        f"{sides}</mwg-rs:AppliedToDimensions><mwg-rs:RegionList>{bag(items)}</mwg-rs:RegionList></mwg-rs:Regions>"
    )


def microsoft(faces: Faces, size: tuple[int, int]) -> str:
    """Windows Photo Gallery's."""
    items = [
        f"<rdf:li><rdf:Description><MPReg:PersonDisplayName>{name}</MPReg:PersonDisplayName>"
        f"<MPReg:Rectangle>{', '.join(f'{side:.6f}' for side in box)}</MPReg:Rectangle></rdf:Description></rdf:li>"
        for name, box in faces.items()
    ]
    return packet(
        f"<MP:RegionInfo><rdf:Description><MPRI:Regions>{bag(items)}</MPRI:Regions></rdf:Description></MP:RegionInfo>"
    )


def acdsee(faces: Faces, size: tuple[int, int]) -> str:
    """ACDSee's own namespace, with the box that was drawn and the one that was detected."""
    items = [
        f'<rdf:li><rdf:Description acdsee-rs:Type="Face" acdsee-rs:Name="{name}" acdsee-rs:NameAssignType="manual">'
        f"<acdsee-rs:DLYArea {area_attributes(box, 'acdsee-stArea')}/>"
        '<acdsee-rs:ALGArea acdsee-stArea:x="0.5" acdsee-stArea:y="0.5" acdsee-stArea:w="1" acdsee-stArea:h="1"/>'
        "</rdf:Description></rdf:li>"
        for name, box in faces.items()
    ]
    sides = f'acdsee-stDim:w="{size[0]}" acdsee-stDim:h="{size[1]}" acdsee-stDim:unit="pixel"'
    return packet(
        f'<acdsee-rs:Regions rdf:parseType="Resource"><acdsee-rs:AppliedToDimensions {sides}/>'
        f"<acdsee-rs:RegionList>{bag(items)}</acdsee-rs:RegionList></acdsee-rs:Regions>"
    )


FORMS = {form.__name__: form for form in (digikam, lightroom, picasa, microsoft, acdsee)}
