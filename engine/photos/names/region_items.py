"""Named faces as pieces of XMP, each of which starts on a line of its own and declares the namespaces that it needs."""

from __future__ import annotations

from xml.sax.saxutils import escape

from niteru.engine.photos.names.relative_box import RelativeBox
from niteru.engine.photos.names.xmp import IPTC, MICROSOFT, MWG, RDF

EMPTY = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="niteru">
<rdf:RDF xmlns:rdf="{RDF}">
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"""
"""A packet that says nothing yet."""
_MWG = f'xmlns:mwg-rs="{MWG}" xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"'
_DIMENSIONS = 'xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"'


def mwg_item(name: str, box: RelativeBox) -> str:
    """A face in the Metadata Working Group's form; the box is in the picture that the list is of."""
    x, y = box.centre
    area = f'stArea:x="{x:.9f}" stArea:y="{y:.9f}" stArea:w="{box.width:.9f}" stArea:h="{box.height:.9f}"'
    return (
        f'\n<rdf:li xmlns:rdf="{RDF}" {_MWG} rdf:parseType="Resource">\n<mwg-rs:Name>{escape(name)}</mwg-rs:Name>\n'
        f'<mwg-rs:Type>Face</mwg-rs:Type>\n<mwg-rs:Area {area} stArea:unit="normalized"/>\n</rdf:li>'
    )


def mwg_regions(stored: tuple[int, int], items: str) -> str:
    """A whole list of faces in the Metadata Working Group's form, for a picture stored with these sides."""
    width, height = stored
    dimensions = f'stDim:w="{width}" stDim:h="{height}" stDim:unit="pixel"'
    return (
        f'\n<mwg-rs:Regions {_MWG} {_DIMENSIONS} rdf:parseType="Resource">\n'
        f"<mwg-rs:AppliedToDimensions {dimensions}/>\n"
        f"<mwg-rs:RegionList>\n<rdf:Bag>{items}\n</rdf:Bag>\n</mwg-rs:RegionList>\n</mwg-rs:Regions>"
    )


def microsoft_item(name: str, box: RelativeBox) -> str:
    """A face in Microsoft's form."""
    rectangle = ", ".join(f"{value:.9f}" for value in box)
    return (
        f'\n<rdf:li xmlns:rdf="{RDF}" xmlns:MPReg="{MICROSOFT}t/Region#" rdf:parseType="Resource">\n'
        f"<MPReg:PersonDisplayName>{escape(name)}</MPReg:PersonDisplayName>\n"
        f"<MPReg:Rectangle>{rectangle}</MPReg:Rectangle>\n</rdf:li>"
    )


def person_item(name: str) -> str:
    """A name in a list of names."""
    return f'\n<rdf:li xmlns:rdf="{RDF}">{escape(name)}</rdf:li>'


def people(items: str) -> str:
    """A whole list of people in the picture, in the form of IPTC."""
    name = "Iptc4xmpExt:PersonInImage"
    return f'\n<{name} xmlns:Iptc4xmpExt="{IPTC}">\n<rdf:Bag>{items}\n</rdf:Bag>\n</{name}>'


def description(properties: str) -> str:
    """Properties of the picture."""
    return f'\n<rdf:Description xmlns:rdf="{RDF}" rdf:about="">{properties}\n</rdf:Description>'
