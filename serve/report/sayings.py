"""What the report says, as HTML: in English, with marks by which ``report_words.js`` says it in other languages."""

from __future__ import annotations

import datetime
import json
from typing import Any

from markupsafe import Markup

from niteru.indexer.ask.rarity_in_words import WORDS, grade, one_in, rarity_in_words, surely_in_words
from niteru.indexer.ask.resemblance import Resemblance
from niteru.serve.report.feed import pair_address
from niteru.serve.words import Forms, put, sentences

Value = str | int
_FROM_PAGE = (
    *("title", "language", "skip", "close", "unnamed", "pairOf", "like", "found", "unfound", "search", "faceCount"),
    *("everybody", "showWhy", "whyNot", "check"),
    *("suspect.split", "suspect.moved", "suspect.mixed", "suspect.duplicate", "suspect.hub", "suspect.poor"),
    *("part.forehead", "part.brows", "part.eyes", "part.nose", "part.mouth", "part.jaw"),
)
"""Sentences that the search page says, too."""


def words() -> dict[str, dict[str, Forms]]:
    """All sentences of the report, by key and language."""
    return {key: sentences()[key] for key in _FROM_PAGE} | sentences("report")


def text(key: str, **values: Value) -> str:
    """A sentence in English, for what cannot be marked; ``date`` is one as ``2026-11-30``."""
    day = values.get("date")
    return put(words()[key], "en", {**values, "date": _day(str(day))} if day else values)


def say(key: str, **values: Value) -> Markup:
    """A sentence, marked with its key and values."""
    marked = Markup(' data-values="{}"').format(json.dumps(values, ensure_ascii=False)) if values else Markup()
    return Markup('<span data-say="{}"{}>{}</span>').format(key, marked, text(key, **values))


def degree(found: Resemblance) -> Markup:
    """How alike two people are, in a word or two."""
    if found.same_person:
        return Markup('<span class="mark" data-degree="same">{}</span>').format(WORDS["en"].same_person)
    number = grade(found.rarity)
    return Markup('<span data-degree="{}">{}</span>').format(number, WORDS["en"].grades[number])


def rarity(found: Resemblance) -> Markup:
    """How rare a resemblance is, and how sure that is."""
    said = surely_in_words(found.rarity, found.likely)
    marked = json.dumps([one_in(found.rarity), found.likely.how_sure])
    return Markup('<span data-rarity="{}">{}</span>').format(marked, said)


def rarity_alone(share: float) -> Markup:
    """How rare something is, however sure that is."""
    return Markup('<span data-rarity="[{}]">{}</span>').format(one_in(share), rarity_in_words(share))


def _day(date: str) -> str:
    day = datetime.date.fromisoformat(date)
    return f"{day:%B} {day.day}, {day.year}"


def pair_data(found: Resemblance, rows: dict[str, int]) -> dict[str, Any]:
    """What the page needs to show a pair large; the rows are those of people on the page, by name."""
    people = (found.person, found.other_person)
    return {
        "people": people,
        "rows": [rows.get(name) for name in people],
        "faces": [found.face.id, found.other.id],
        "degree": "same" if found.same_person else grade(found.rarity),
        "rarity": [one_in(found.rarity), found.likely.how_sure],
        "likely": [one_in(found.likely.most_common), one_in(found.likely.rarest)],
        "mutual": found.mutual,
    }


def address(found: Resemblance) -> str:
    """Address of a pair on the page."""
    return f"#{pair_address(found.person, found.other_person)}"
