"""What has changed in a gallery, for people's eyes and for feed readers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from niteru.indexer.ask.changes import Changes
from niteru.indexer.ask.rarity_in_words import Language
from niteru.serve.atom import Entry, Feed, as_atom, lasting_id
from niteru.serve.changes.lines import headline, lines, notes, said

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")
"""Characters of names that Markdown would take for its own."""
_EVER = "1970-01-01T00:00:00+00:00"


def as_text(changes: Changes, language: Language, most: int) -> str:
    """Lines for a terminal or a letter; ``most`` people at most, and the number of the others."""
    told = lines(changes, language)
    more = [said("others", language, n=len(told) - most)] if len(told) > most else []
    below = [*told[:most], *more, *notes(changes, language)]
    return "\n".join([headline(changes, language), *(f"  {one}" for one in below)])


def as_markdown(changes: Changes, language: Language) -> str:
    """A heading and a list of everybody."""
    told = "\n".join("- " + _MARKUP.sub(r"\\\1", one) for one in lines(changes, language))
    return "\n\n".join(part for part in (f"## {headline(changes, language)}", told, *notes(changes, language)) if part)


def as_feed(days: Mapping[date, Changes], gallery: str, language: Language) -> bytes:
    """An Atom feed with an entry for each day on which something changed.

    Args:
        days: the changes of each day, the latest first; ``since`` is when a day's last one was.
        gallery: what tells the gallery from others: ids are made of it, and stay when a day is told again.
        language: of all that is said.
    """
    entries = [_entry(day, changes, gallery, language) for day, changes in days.items()]
    updated = entries[0].updated if entries else _EVER
    feed = Feed(lasting_id("niteru changes", gallery), said("title", language), updated, entries)
    return as_atom(feed, language)


def _entry(day: date, changes: Changes, gallery: str, language: Language) -> Entry:
    told = lines(changes, language)
    more = [said("others", language, n=len(told) - 1)] if len(told) > 1 else []
    return Entry(
        lasting_id("niteru changes", gallery, day.isoformat()),
        f"{day.isoformat()}: {'; '.join([*told[:1], *more])}",
        "\n".join(told),
        changes.since.isoformat(timespec="seconds") if changes.since else _EVER,
    )
