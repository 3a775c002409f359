"""Names of people, as they enter: by a folder, a table, or a hand. This is the one door.

File systems and keyboards spell one name in several ways: accents composed or not, blanks around it, capitals. Whoever
is meant is the same, so names are compared by a key, and kept in one spelling.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable


def tidy_name(text: str) -> str:
    r"""A name as it is kept: composed (NFC), single blanks, nothing that a terminal would obey; "" if nothing is left.

    Example:
        >>> tidy_name("  Ada\n Lovelace ")
        'Ada Lovelace'
        >>> tidy_name("\x1b[31mAda")
        '[31mAda'
    """
    blanks = "".join(letter if letter.isprintable() or letter.isspace() else "" for letter in text)
    return " ".join(unicodedata.normalize("NFC", blanks).split())


def name_key(name: str) -> str:
    """What all spellings of a name have in common.

    Example:
        >>> name_key("ADA ") == name_key("Ada")
        True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", tidy_name(name).casefold()))


def spellings(names: Iterable[str], known: Iterable[str] = ()) -> dict[str, str]:
    """The one spelling for each name: a known one, or the most frequent.

    Args:
        names: one for each photo.
        known: that have a spelling already.

    Returns:
        The spelling to use, by each name that is among ``names``.

    Example:
        >>> spellings(["Ada", "ada", "Ada", "Łukasz"])
        {'Ada': 'Ada', 'ada': 'Ada', 'Łukasz': 'Łukasz'}
    """
    counts = Counter(names)
    chosen: dict[str, str] = {}
    for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        chosen.setdefault(name_key(name), name)
    chosen |= {name_key(name): name for name in known}
    return {name: chosen[name_key(name)] for name in counts}
