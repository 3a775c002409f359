"""Rarity of a resemblance in words: how many pairs of people are as alike, and what one calls that.

The number itself is computed by :meth:`niteru.indexer.generations.rarity_calibration.Calibration.rarity` for two faces,
and by :meth:`niteru.indexer.ask.resemblance.Scale.rarity` for two people. The page in the browser puts :func:`one_in`
and :func:`grade` into the sentences of :data:`WORDS`, which it is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from niteru.indexer.ask.how_sure import HowSure, Interval

COMMON = 0.01
"""Rarity above which a resemblance is none to speak of, for too many pairs of people reach it."""
_GRADES = (1e-4, 1e-3, COMMON, 0.1)

Language = Literal["en", "ja", "zh-Hant"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Words:
    """Sentences of one language about resemblance; ``grades`` from the rarest to the most common.

    ``likely`` takes the ends of an interval of rarity as numbers of pairs, ``few`` for the most common end.
    """

    looks_like: str
    nobody: str
    one_in: str
    most: str
    grades: tuple[str, str, str, str, str]
    nobody_alike: str
    same_person: str
    how_sure: dict[HowSure, str]
    likely: str


WORDS: dict[Language, Words] = {
    "en": Words(
        looks_like="looks like",
        nobody="looks like nobody here",
        one_in="1 pair in {number} is this alike",
        most="most pairs are this alike",
        grades=("strikingly alike", "very alike", "alike", "a little alike", "hardly alike"),
        nobody_alike="Nobody here looks much like this. The nearest:",
        same_person="may be the same person",
        how_sure={"sure": "sure", "fairly sure": "fairly sure", "a guess": "a guess"},
        likely="by other photos likely 1 pair in {few} to 1 in {many}",
    ),
    "ja": Words(
        looks_like="に似ている人",
        nobody="に似ている人はいません",
        one_in="これほど似ているのは {number} 組に 1 組",
        most="たいていの組がこれくらい似ている",
        grades=("驚くほど似ている", "とても似ている", "似ている", "少し似ている", "あまり似ていない"),
        nobody_alike="よく似た人はここにはいません。近い順：",
        same_person="同一人物かもしれません",
        how_sure={"sure": "確か", "fairly sure": "ほぼ確か", "a guess": "推測"},
        likely="別の写真ならおそらく {few} 組に 1 組から {many} 組に 1 組",
    ),
    "zh-Hant": Words(
        looks_like="長得像",
        nobody="這裡沒有相像的人",
        one_in="每 {number} 對中有 1 對這麼像",
        most="大多數的組合都這麼像",
        grades=("驚人地相像", "非常相像", "相像", "有點相像", "不太相像"),
        nobody_alike="這裡沒有很像的人。最接近的是：",
        same_person="可能是同一個人",
        how_sure={"sure": "可靠", "fairly sure": "大致可靠", "a guess": "僅供參考"},
        likely="換別的照片，大概是每 {few} 對中有 1 對到每 {many} 對中有 1 對",
    ),
}


def one_in(rarity: float) -> int:
    """Number of pairs of people among which one is as alike, with two significant digits.

    Example:
        >>> one_in(0.0004), one_in(0.000123), one_in(0.3)
        (2500, 8100, 3)
    """
    pairs = 1 / rarity
    return round(pairs) if pairs < 10 else int(float(f"{pairs:.2g}"))


def grade(rarity: float) -> int:
    """Number of the grade, from 0 for a striking resemblance to 4 for hardly any."""
    return sum(rarity > limit for limit in _GRADES)


def only_common(nearest: float, rarest: float) -> bool:
    """Whether the nearest is no more alike than many pairs of people are, and the gallery could tell less common ones.

    Args:
        nearest: rarity of the first row of an answer.
        rarest: the smallest rarity that is ever told here.
    """
    return nearest > COMMON >= rarest


def rarity_in_words(rarity: float, language: Language = "en") -> str:
    """Put a rarity into words.

    Example:
        >>> rarity_in_words(0.0004)
        '1 pair in 2,500 is this alike'
        >>> rarity_in_words(0.8)
        'most pairs are this alike'
    """
    number = one_in(rarity)
    words = WORDS[language]
    return words.most if number == 1 else words.one_in.format(number=f"{number:,}")


def surely_in_words(rarity: float, likely: Interval, language: Language = "en") -> str:
    """Put a rarity into words, and how sure it is.

    Example:
        >>> surely_in_words(0.0004, Interval(0.0001, 0.02))
        '1 pair in 2,500 is this alike · a guess'
    """
    return f"{rarity_in_words(rarity, language)} · {WORDS[language].how_sure[likely.how_sure]}"


def likely_in_words(likely: Interval, language: Language = "en") -> str:
    """Put an interval of rarity into words.

    Example:
        >>> likely_in_words(Interval(0.0001, 0.02))
        'by other photos likely 1 pair in 50 to 1 in 10,000'
    """
    few, many = f"{one_in(likely.most_common):,}", f"{one_in(likely.rarest):,}"
    return WORDS[language].likely.format(few=few, many=many)


def grade_in_words(rarity: float, language: Language = "en") -> str:
    """Name the grade of a resemblance.

    Example:
        >>> grade_in_words(0.0004)
        'very alike'
    """
    return WORDS[language].grades[grade(rarity)]
