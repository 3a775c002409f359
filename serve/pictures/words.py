"""Words of a card in each language, beside those about resemblance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from niteru.engine.photos.person_name import group_number
from niteru.indexer.ask.rarity_in_words import Language

_SHOWN, _LEAST = 2, 0.15
"""Parts of a face that are told at most, and the share that one must have in the likeness."""


@dataclass(frozen=True, slots=True)
class CardWords:
    """Headings of a card without a name, a group's name, where the likeness lies, and the parts of a face.

    Attributes:
        looks_like: heading over look-alikes of somebody without a name.
        nobody: the same where there are none.
        unnamed: what a group is called, with its ``{number}``.
        lies_in: sentence with the ``{parts}``.
        whole: sentence for a likeness in which no part stands out.
        and_: between the parts.
        parts: by the names of :data:`niteru.engine.embedding.regions.PARTS`.
    """

    looks_like: str
    nobody: str
    unnamed: str
    lies_in: str
    whole: str
    and_: str
    parts: dict[str, str]


CARD_WORDS: dict[Language, CardWords] = {
    "en": CardWords(
        looks_like="Looks like",
        nobody="Looks like nobody here",
        unnamed="Unnamed {number}",
        lies_in="Most alike: {parts}",
        whole="Alike as a whole",
        and_=" and ",
        parts={
            "forehead": "forehead",
            "brows": "brows",
            "eyes": "eyes",
            "nose": "nose",
            "mouth": "mouth",
            "jaw": "jaw and cheeks",
        },
    ),
    "ja": CardWords(
        looks_like="似ている人",
        nobody="似ている人はいません",
        unnamed="名前のない人 {number}",
        lies_in="特に似ているのは{parts}",
        whole="顔全体が似ている",
        and_="と",
        parts={"forehead": "額", "brows": "眉", "eyes": "目", "nose": "鼻", "mouth": "口", "jaw": "あごと頬"},
    ),
    "zh-Hant": CardWords(
        looks_like="長得像",
        nobody="這裡沒有相像的人",
        unnamed="未命名 {number}",
        lies_in="最像的是{parts}",
        whole="整張臉都像",
        and_="和",
        parts={
            "forehead": "額頭",
            "brows": "眉毛",
            "eyes": "眼睛",
            "nose": "鼻子",
            "mouth": "嘴巴",
            "jaw": "下巴與臉頰",
        },
    ),
}


def called(person: str, language: Language) -> str:
    """What somebody is called: a group by its number, in the card's language.

    Example:
        >>> called("unnamed 12", "ja"), called("Ada", "ja")
        ('名前のない人 12', 'Ada')
    """
    number = group_number(person)
    return person if number is None else CARD_WORDS[language].unnamed.format(number=number)


def lies_in(why: Mapping[str, float], language: Language) -> str:
    """Say which parts of two faces are most alike.

    Args:
        why: share of each part in the similarity; empty if it is not known, which is told as nothing.
        language: of the sentence.

    Example:
        >>> lies_in({"eyes": 0.5, "nose": 0.3, "jaw": 0.2}, "en")
        'Most alike: eyes and nose'
    """
    if not why:
        return ""
    words = CARD_WORDS[language]
    first = sorted(why, key=lambda part: -why[part])[:_SHOWN]
    told = [words.parts[part] for part in first if why[part] >= _LEAST]
    return words.lies_in.format(parts=words.and_.join(told)) if told else words.whole
