"""XML read without trust: no document types and so no entities, and bounds on size, depth and number of elements.

Python's own expat reads it. defusedxml forbids the same, but does not say at which byte an element starts and ends,
which :mod:`niteru.engine.photos.names.sidecar` needs to change one part of a file and leave all others as they are,
to the byte; nor does lxml, which would be 14 MB more. Libraries for XMP itself were looked at: those that wrap Exiv2
(pyexiv2, exiv2) are under the GPL, and python-xmp-toolkit needs Exempi, which pip does not install.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from niteru.engine.failure import Failure

MOST_BYTES = 16 * 1024 * 1024
"""Of one file; Lightroom's masks and darktable's histories take a few million."""
MOST_DEPTH = 100
MOST_ELEMENTS = 100_000
_UTF_16 = (codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)


class XmlBroken(Failure):
    """The text is not XML, or has what no metadata have."""


class XmlTooLarge(XmlBroken):
    """There is more of it than any program writes."""


@dataclass(slots=True, eq=False)
class Element:
    """An element, its parts, and where it stands.

    Attributes:
        name: namespace and local name with a blank between them.
        attributes: values by names of the same form.
        start: offset of its first byte.
        inner_end: offset of its end tag; -1 if it has none (``<a/>``).
        end: offset behind its last byte.
        texts: the pieces of its own text, without its children's.
    """

    name: str
    attributes: dict[str, str]
    start: int
    inner_end: int = -1
    end: int = -1
    texts: list[str] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own text, without its children's."""
        return "".join(self.texts)

    @property
    def local_name(self) -> str:
        """The name without its namespace."""
        return self.name.rpartition(" ")[2]

    def all_named(self, name: str) -> Iterator[Element]:
        """This element and those inside it that have a name, in their order."""
        if self.name == name:
            yield self
        for child in self.children:
            yield from child.all_named(name)


def parse_xml(data: bytes) -> Element:
    """Read a document.

    Raises:
        XmlTooLarge: it has too many bytes, elements, or elements inside one another.
        XmlBroken: it is not well-formed, or has a document type.

    Example:
        >>> root = parse_xml(b"<a><b c='1'>two</b></a>")
        >>> root.children[0].attributes, root.children[0].text, root.children[0].start
        ({'c': '1'}, 'two', 3)
    """
    if len(data) > MOST_BYTES:
        raise XmlTooLarge(f"more than {MOST_BYTES:,} bytes of XML")
    builder = _Builder(data if data.startswith(_UTF_16) else data.rstrip(b"\0"))  # padding of some writers
    try:
        return builder.tree()
    except expat.ExpatError as error:
        raise XmlBroken(f"not well-formed XML ({error})") from None
    except (LookupError, UnicodeError, ValueError) as error:  # an encoding that there is not
        raise XmlBroken(f"not readable as XML ({error})") from None


class _Builder:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._open: list[Element] = []
        self._root: Element | None = None
        self._elements = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    def tree(self) -> Element:
        self._parser.Parse(self._data, True)
        assert self._root is not None  # or it would not have been well-formed
        return self._root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise XmlTooLarge(f"more than {MOST_ELEMENTS:,} elements of XML")
        if len(self._open) >= MOST_DEPTH:
            raise XmlTooLarge(f"more than {MOST_DEPTH} elements of XML inside one another")
        element = Element(name, attributes, self._parser.CurrentByteIndex)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _end(self, _name: str) -> None:
        element, place = self._open.pop(), self._parser.CurrentByteIndex
        if element.children or element.texts or not self._data.endswith(b"/>", 0, place):
            element.inner_end, place = place, self._data.find(b">", place) + 1
        element.end = place

    def _text(self, text: str) -> None:
        self._open[-1].texts.append(text)

    def _refuse_doctype(self, *_: object) -> None:
        raise XmlBroken("it has a document type, which metadata never have")
