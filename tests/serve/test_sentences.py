"""Sentences of the pages: each in every language, with the same things put in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from niteru.indexer.ask.rarity_in_words import LANGUAGES
from niteru.serve.report.sayings import words
from niteru.serve.words import Table, put, sentences

TEMPLATES = Path(__file__).parents[2] / "serve" / "templates"


@pytest.mark.parametrize("table", get_args(Table))
def test_each_is_there_in_every_language(table: Table) -> None:
    for key, sentence in sentences(table).items():
        assert list(sentence) == list(LANGUAGES), key
        forms = [form for one in sentence.values() for form in ([one] if isinstance(one, str) else one.values())]
        assert all(forms), key
        blanks = [set(re.findall(r"\{(\w+)\}", form)) - {"n"} for form in forms]
        assert all(one == blanks[0] for one in blanks), key


def test_the_report_says_what_it_has_and_has_what_it_says() -> None:
    shared = set(words()) - set(sentences("report"))
    assert shared <= set(sentences("page"))
    files = "".join(file.read_text(encoding="utf-8") for file in sorted(TEMPLATES.glob("report*")))
    quoted = set(re.findall(r"[\"'`]([A-Za-z]+)[\"'`]", files))
    indirect = {
        key for key in words() if key.startswith(("part.", "quality.", "suspect.", "feed", "unnamed", "language"))
    }
    kinds = {"split", "moved", "mixed", "duplicate", "hub", "poor"}
    unsaid = set(words()) - quoted - indirect - {f"{kind}Lead" for kind in kinds}
    assert not unsaid


def test_values_are_put_in() -> None:
    assert put(sentences()["left"], "en", {"n": 1}) == "1 person matches"
    assert put(sentences()["left"], "en", {"n": 1200}) == "1,200 people match"
    assert (
        put(sentences("report")["feedAlike"], "ja", {"one": "Ada", "other": "Bo"}) == "Ada さんと Bo さんは似ています"
    )
