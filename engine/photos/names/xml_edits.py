"""Changes to an XML document that leave all other bytes as they are."""

from __future__ import annotations

import re

from niteru.engine.photos.names.xml_tree import Element

_BLANKS = b" \t\r\n"
_TAG = re.compile(rb"<([^\s/>]+)")


class XmlEdits:
    """Elements to take out of a document and to put into it, by the places that parsing it gave.

    Example:
        >>> from niteru.engine.photos.names.xml_tree import parse_xml
        >>> data = b"<a> <b/> <!-- kept --> </a>"
        >>> edits, root = XmlEdits(data), parse_xml(data)
        >>> edits.cut(root.children[0])
        >>> edits.append(root, "<c/>")
        >>> edits.result()
        b'<a> <!-- kept --><c/> </a>'
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._edits: list[tuple[int, int, bytes]] = []
        utf_8 = re.match(rb"(\xef\xbb\xbf)?<\?xml[^>]*encoding=(?!.utf-8)", data, re.IGNORECASE) is None
        self._encoding = "utf-8" if utf_8 else "ascii"  # what ASCII lacks is written as numbers, in any encoding

    def cut(self, element: Element) -> None:
        """Take an element out, with the blanks before it."""
        start = len(self._data[: element.start].rstrip(_BLANKS))
        self._edits.append((start, element.end, b""))

    def append(self, element: Element, content: str) -> None:
        """Put XML at the end of an element's content, before the last blanks, so that cutting it leaves no trace."""
        new = content.encode(self._encoding, "xmlcharrefreplace")
        if element.inner_end >= 0:
            place = len(self._data[: element.inner_end].rstrip(_BLANKS))
            self._edits.append((place, place, new))
            return
        start = self._data[element.start : element.end]  # <a/>
        tag = _TAG.match(start)
        assert tag is not None  # or it would not have been parsed
        self._edits.append((element.end - 2, element.end, b">" + new + b"</" + tag[1] + b">"))

    def result(self) -> bytes:
        """The changed document."""
        data = self._data
        for start, end, new in sorted(self._edits, key=lambda edit: edit[0], reverse=True):
            data = data[:start] + new + data[end:]
        return data
