"""Sentences of pages, cards and news, each in every language: ``page.json``, ``report.json``, ``changes.json``….

A key names a sentence; its English form may be two, for one thing and for several. ``{name}`` stands for what is put
in.
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import Literal, TypeAlias

from niteru.indexer.ask.rarity_in_words import Language

Forms: TypeAlias = str | dict[str, str]
Table = Literal["page", "report", "booth", "card", "changes"]


@functools.cache
def sentences(table: Table = "page") -> dict[str, dict[str, Forms]]:
    """The sentences of a table by key and language."""
    text = resources.files(__package__).joinpath(f"{table}.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, Forms]] = json.loads(text)
    return found


def put(sentence: dict[str, Forms], language: Language, values: dict[str, str | int]) -> str:
    """Put values into a sentence; ``n`` decides between one and several, and numbers are grouped by thousands.

    Example:
        >>> put(sentences()["left"], "en", {"n": 1200})
        '1,200 people match'
    """
    forms = sentence[language]
    text = forms if isinstance(forms, str) else forms["one" if values.get("n") == 1 else "other"]
    return text.format(**{name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()})
