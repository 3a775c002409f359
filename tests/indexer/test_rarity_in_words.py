"""How alike two faces are, in words: natural frequencies and grades, in every language."""

import numpy as np
import pytest

from niteru.indexer.ask.rarity_in_words import (
    COMMON,
    LANGUAGES,
    WORDS,
    grade,
    grade_in_words,
    one_in,
    only_common,
    rarity_in_words,
)


@pytest.mark.parametrize(
    ("rarity", "said"),
    [
        (0.0004, "1 pair in 2,500 is this alike"),
        (0.0003, "1 pair in 3,300 is this alike"),
        (0.000123, "1 pair in 8,100 is this alike"),
        (5e-7, "1 pair in 2,000,000 is this alike"),
        (1 / 99.6, "1 pair in 100 is this alike"),
        (0.25, "1 pair in 4 is this alike"),
        (0.45, "1 pair in 2 is this alike"),
        (0.8, "most pairs are this alike"),
        (1.0, "most pairs are this alike"),
    ],
)
def test_a_rarity_is_a_natural_frequency(rarity: float, said: str) -> None:
    assert rarity_in_words(rarity) == said


def test_what_is_rarer_is_never_said_to_be_more_common() -> None:
    rarities = np.geomspace(1e-8, 1, 5_000)
    said = [one_in(rarity) for rarity in rarities]
    assert said == sorted(said, reverse=True)
    for rarity, number in zip(rarities, said, strict=True):
        assert len(str(number).rstrip("0")) <= 2, "two significant digits"
        assert abs(number * rarity - 1) <= (0.055 if number >= 10 else 0.5)
    grades = [grade(rarity) for rarity in rarities]
    assert grades == sorted(grades)
    assert set(grades) == set(range(5))


def test_every_language_says_the_same() -> None:
    for language in LANGUAGES:
        assert "2,500" in rarity_in_words(0.0004, language)
        assert len({grade_in_words(rarity, language) for rarity in (1e-5, 1e-3, 1e-2, 0.1, 1)}) == 5
        assert WORDS[language].most == rarity_in_words(1, language)


def test_only_what_is_common_is_called_nobody() -> None:
    assert only_common(0.02, 1e-4)
    assert not only_common(COMMON, 1e-4)
    assert not only_common(0.1, 0.1), "ten pairs can tell nothing rarer"
