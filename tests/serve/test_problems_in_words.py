"""Every problem that a client may meet has a sentence on the page, in each of its languages."""

import re

import pytest

from niteru.indexer.ask.rarity_in_words import LANGUAGES
from niteru.serve.http.problems_in_words import PROBLEMS_IN_WORDS
from niteru.serve.http.statuses import types_by_status

TYPES = {name for types in types_by_status().values() for name in types}
KANA, HAN = re.compile("[\u3041-\u30fa]"), re.compile("[\u4e00-\u9fff]")


def test_every_problem_is_there_and_no_other() -> None:
    assert PROBLEMS_IN_WORDS.keys() == TYPES


@pytest.mark.parametrize("name", sorted(TYPES))
def test_a_problem_is_said_in_each_language_with_the_next_step(name: str) -> None:
    said = PROBLEMS_IN_WORDS[name]
    assert tuple(said) == LANGUAGES
    english, japanese, chinese = said.values()
    assert not KANA.search(english) and not HAN.search(english)
    assert KANA.search(japanese)
    assert HAN.search(chinese) and not KANA.search(chinese)
    # What is wrong, and then a request to do something about it.
    assert re.fullmatch(r"[A-Z][^:]+: [a-z][^:]+\.", english)
    assert re.search("(ください|お試しください)。", japanese)
    assert "請" in chinese
    assert len({re.search(r"{\w+}", sentence) is None for sentence in said.values()}) == 1
