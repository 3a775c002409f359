"""Feeds in Atom 1.0 (RFC 4287): names and words, no pictures."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import NAMESPACE_OID, uuid5
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from niteru.indexer.ask.rarity_in_words import Language

_ATOM = "http://www.w3.org/2005/Atom"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that a file name may have and XML may not."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of news.

    Attributes:
        id: what it keeps when it is told again, see :func:`lasting_id`.
        title, content: what is said.
        updated: when it was told, as ``2026-11-30T18:00:00Z``.
        href: address of a page that says more; None without one.
    """

    id: str
    title: str
    content: str
    updated: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed; the attributes are those of :class:`Entry`, and of the feed's own file and page."""

    id: str
    title: str
    updated: str
    entries: Iterable[Entry]
    file: str | None = None
    href: str | None = None


def lasting_id(*parts: str) -> str:
    """Id that is the same whenever it is made of the same parts."""
    return uuid5(NAMESPACE_OID, "\n".join(parts)).urn


def as_atom(feed: Feed, language: Language) -> bytes:
    """The feed's file."""
    root = Element("feed", {"xmlns": _ATOM, "xml:lang": language})
    _tell(root, feed.id, feed.title, feed.updated)
    if feed.file:
        SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": feed.file})
    _link(root, feed.href)
    _text(SubElement(root, "author"), "name", "niteru")
    for entry in feed.entries:
        told = SubElement(root, "entry")
        _tell(told, entry.id, entry.title, entry.updated)
        _link(told, entry.href)
        _text(told, "content", entry.content)
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _tell(element: Element, lasting: str, title: str, updated: str) -> None:
    for tag, text in (("id", lasting), ("title", title), ("updated", updated)):
        _text(element, tag, text)


def _link(element: Element, href: str | None) -> None:
    if href:
        SubElement(element, "link", {"rel": "alternate", "type": "text/html", "href": href})


def _text(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = _NOT_IN_XML.sub("\ufffd", text)
