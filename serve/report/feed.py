"""Feed of what is new in a report, in Atom 1.0 (RFC 4287): names and words, no pictures; a file for each language."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote
from uuid import NAMESPACE_OID, uuid5
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from niteru.indexer.ask.rarity_in_words import LANGUAGES, Language, rarity_in_words
from niteru.serve.report.news import Item
from niteru.serve.words import Forms, put, sentences

_ATOM = "http://www.w3.org/2005/Atom"
_PAGE = "index.html"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that a file name may have and XML may not."""
_SENTENCE = {"alike": "feedAlike", "gone": "feedGone", "came": "feedCame", "left": "feedLeft"}


def file_of(language: Language) -> str:
    """Name of the feed in a language; the English one is the plain one."""
    return "feed.atom" if language == "en" else f"feed.{language}.atom"


def write_feeds(folder: Path, news: list[Item], date: str, series: str) -> None:
    """Write the feed in every language.

    Args:
        folder: of the report.
        news: the newest first.
        date: of the report, as ``2026-11-30``.
        series: what tells the reports of one gallery, asked for the same, from others; ids are made of it.
    """
    for language in LANGUAGES:
        feed = _feed(news, date, series, language)
        indent(feed)
        ElementTree(feed).write(folder / file_of(language), encoding="utf-8", xml_declaration=True)


def _feed(news: list[Item], date: str, series: str, language: Language) -> Element:
    feed = Element("feed", {"xmlns": _ATOM, "xml:lang": language})
    _text(feed, "id", _id(series))
    _text(feed, "title", put(sentences("report")["feed"], language, {}))
    _text(feed, "updated", _moment(max((one.date for one in news), default=date)))
    SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": file_of(language)})
    SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": _PAGE})
    _text(SubElement(feed, "author"), "name", "niteru")
    for item in news:
        _entry(SubElement(feed, "entry"), item, series, language)
    return feed


def _entry(entry: Element, item: Item, series: str, language: Language) -> None:
    sentence: dict[str, Forms] = sentences("report")[_SENTENCE[item.kind]]
    names: dict[str, str | int] = dict(
        zip(("one", "other") if len(item.people) > 1 else ("name",), item.people, strict=True)
    )
    said = put(sentence, language, names)
    _text(entry, "id", _id(series, item.kind, *item.people))
    _text(entry, "title", said)
    _text(entry, "updated", _moment(item.date))
    address = f"{_PAGE}#{pair_address(*item.people)}" if item.kind == "alike" else _PAGE
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": address})
    _text(entry, "content", said if item.rarity is None else rarity_in_words(item.rarity, language))


def pair_address(one: str, other: str) -> str:
    """What names a pair in the page's address, after the #."""
    return f"pair-{quote(one, safe='')}/{quote(other, safe='')}"


def _id(*parts: str) -> str:
    return uuid5(NAMESPACE_OID, "\n".join(("niteru report", *parts))).urn


def _moment(date: str) -> str:
    return f"{date}T00:00:00Z"


def _text(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = _NOT_IN_XML.sub("\ufffd", text)
