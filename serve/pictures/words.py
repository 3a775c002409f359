"""What a card says beside how alike people are: whose it is, and where the likeness lies."""

from __future__ import annotations

from collections.abc import Mapping

from niteru.engine.photos.person_name import group_number
from niteru.indexer.ask.rarity_in_words import Language
from niteru.serve.words import Table, put, sentences

_SHOWN, _LEAST = 2, 0.15
"""Parts of a face that are told at most, and the share that one must have in the likeness."""


def say(key: str, language: Language, table: Table = "card", **values: str | int) -> str:
    """A sentence of a card, or one that the page says, too."""
    return put(sentences(table)[key], language, values)


def called(person: str, language: Language) -> str:
    """What somebody is called: a group by its number, in the card's language.

    Example:
        >>> called("unnamed 12", "ja"), called("Ada", "ja")
        ('名前のない人 12', 'Ada')
    """
    number = group_number(person)
    return person if number is None else say("unnamed", language, "page", number=str(number))


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
    first = sorted(why, key=lambda part: -why[part])[:_SHOWN]
    told = [say(f"part.{part}", language, "page").lower() for part in first if why[part] >= _LEAST]
    if not told:
        return say("whole", language)
    both = told[0] if len(told) == 1 else say("both", language, one=told[0], other=told[1])
    return say("liesIn", language, parts=both)
