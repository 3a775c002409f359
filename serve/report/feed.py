"""Feed of what is new in a report: a file for each language."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from niteru.indexer.ask.rarity_in_words import LANGUAGES, Language, rarity_in_words
from niteru.serve.atom import Entry, Feed, as_atom, lasting_id
from niteru.serve.report.news import Item
from niteru.serve.words import Forms, put, sentences

_PAGE = "index.html"
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
    updated = _moment(max((one.date for one in news), default=date))
    for language in LANGUAGES:
        title, entries = put(sentences("report")["feed"], language, {}), [_entry(one, series, language) for one in news]
        feed = Feed(_id(series), title, updated, entries, file_of(language), _PAGE)
        (folder / file_of(language)).write_bytes(as_atom(feed, language))


def _entry(item: Item, series: str, language: Language) -> Entry:
    sentence: dict[str, Forms] = sentences("report")[_SENTENCE[item.kind]]
    names: dict[str, str | int] = dict(
        zip(("one", "other") if len(item.people) > 1 else ("name",), item.people, strict=True)
    )
    said = put(sentence, language, names)
    address = f"{_PAGE}#{pair_address(*item.people)}" if item.kind == "alike" else _PAGE
    more = said if item.rarity is None else rarity_in_words(item.rarity, language)
    return Entry(_id(series, item.kind, *item.people), said, more, _moment(item.date), address)


def pair_address(one: str, other: str) -> str:
    """What names a pair in the page's address, after the #."""
    return f"pair-{quote(one, safe='')}/{quote(other, safe='')}"


def _id(*parts: str) -> str:
    return lasting_id("niteru report", *parts)


def _moment(date: str) -> str:
    return f"{date}T00:00:00Z"
