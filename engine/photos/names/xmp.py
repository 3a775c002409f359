"""XMP as plain values: what RDF's several spellings of the same thing say.

A structure may be written as ``rdf:parseType="Resource"``, as an ``rdf:Description`` inside, or as attributes; a list
as a bag, a sequence or alternatives. Programs use all of them (Adobe's XMP specification, part 1, 7.9).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from niteru.engine.photos.names.xml_tree import Element, parse_xml

Value: TypeAlias = "str | list[Value] | dict[str, Value]"
"""A text, a list, or a structure; its fields go by their local names, for each kind of structure has one namespace."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
MWG = "http://www.metadataworkinggroup.com/schemas/regions/"
MICROSOFT = "http://ns.microsoft.com/photo/1.2/"
ACDSEE = "http://ns.acdsee.com/regions/"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
EXIF = "http://ns.adobe.com/exif/1.0/"
BASIC = "http://ns.adobe.com/xap/1.0/"
_NOT_FIELDS = (f"{RDF} ", "http://www.w3.org/XML/1998/namespace ")
_LISTS = {f"{RDF} {kind}" for kind in ("Bag", "Seq", "Alt")}


def properties_in(packet: bytes) -> dict[str, Value]:
    """The properties of a packet of XMP, by namespace and local name with a blank between them.

    Of a property that is there twice, which it must not be, the first counts.

    Raises:
        XmlBroken: it is not XML, or too large.

    Example:
        >>> packet = b'''<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        ...   xmlns:x="http://ns.example/"><rdf:Description x:size="3"><x:who><rdf:Bag><rdf:li>Ada</rdf:li></rdf:Bag>
        ...   </x:who></rdf:Description></rdf:RDF>'''
        >>> properties_in(packet)
        {'http://ns.example/ size': '3', 'http://ns.example/ who': ['Ada']}
    """
    properties = dict[str, Value]()
    for node in nodes(parse_xml(packet)):
        texts = {name: text for name, text in node.attributes.items() if not name.startswith(_NOT_FIELDS)}
        structures = {child.name: value_of(child) for child in reversed(node.children)}
        properties = {**texts, **structures, **properties}
    return properties


def nodes(root: Element) -> Iterator[Element]:
    """The elements whose children are properties."""
    for rdf in root.all_named(f"{RDF} RDF"):
        yield from rdf.children


def value_of(element: Element) -> Value:
    """The value of a property, or of an item of a list."""
    for child in element.children:
        if child.name in _LISTS:
            return [value_of(item) for item in child.children]
    fields = _fields(element)
    for child in element.children:
        if child.name == f"{RDF} Description":
            fields |= _fields(child)
    if f"{RDF} value" in fields:  # a text, and notes on it
        return fields[f"{RDF} value"]
    return {name.rpartition(" ")[2]: value for name, value in fields.items()} or element.text.strip()


def _fields(element: Element) -> dict[str, Value]:
    attributes = {name: text for name, text in element.attributes.items() if not name.startswith(_NOT_FIELDS)}
    children = (child for child in element.children if child.name != f"{RDF} Description")
    return {**attributes, **{child.name: value_of(child) for child in children}}


def as_text(value: Value | None) -> str:
    """A value as text: of several, as for several languages, the first; "" if it is a structure."""
    if isinstance(value, list):
        return as_text(value[0]) if value else ""
    return value if isinstance(value, str) else ""


def as_list(value: Value | None) -> list[Value]:
    """A value as a list, also where a single one was written without its list."""
    if isinstance(value, list):
        return value
    return [value] if value else []


def as_structure(value: Value | None) -> dict[str, Value]:
    """A value as a structure; empty if it is none."""
    return value if isinstance(value, dict) else {}
