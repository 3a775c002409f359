"""What has changed in a gallery, line by line, in one of the three languages."""

from __future__ import annotations

from datetime import datetime

from niteru.indexer.ask.changes import Changes
from niteru.indexer.ask.rarity_in_words import Language
from niteru.serve.words import put, sentences


def headline(changes: Changes, language: Language = "en") -> str:
    """What is told of, and since when."""
    if changes.since is None:
        return said("sinceEver", language)
    if changes.generation is None:
        return said("since", language, when=moment(changes.since))
    return said("sinceGeneration", language, number=str(changes.generation), when=moment(changes.since))


def lines(changes: Changes, language: Language = "en") -> list[str]:
    """A line for each person who came, went, or has another number of photos; for Markdown and feeds, too."""
    return [
        *(said("came", language, name=name, n=photos) for name, photos in changes.came.items()),
        *(said("went", language, name=name) for name in changes.went),
        *(said("named", language, name=name, n=photos) for name, photos in changes.named.items()),
        *(said("renamed", language, name=name) for name in changes.renamed),
        *(said("more", language, name=name, n=photos) for name, photos in changes.more.items()),
        *(said("fewer", language, name=name, n=photos) for name, photos in changes.fewer.items()),
        *([said("forgotten", language, n=changes.forgotten)] if changes.forgotten else []),
    ]


def notes(changes: Changes, language: Language = "en") -> list[str]:
    """Whatever else is to be told: that nothing changed, or that the history is younger than what was asked for."""
    return [
        *([] if changes else [said("nothing", language)]),
        *([said("begun", language, when=moment(changes.begun))] if changes.begun else []),
    ]


def said(key: str, language: Language, **values: str | int) -> str:
    """A sentence about changes."""
    return put(sentences("changes")[key], language, values)


def moment(at: datetime) -> str:
    """A time as this machine's clock has it, such as ``2026-11-30 18:00``."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}"
