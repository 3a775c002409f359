"""Normalisation of people's names, whether they come from a folder, a table or a command line.

File systems and keyboards spell the same name in several ways: with composed accents or not, with blanks around it, in
capitals. So names are compared by a key, and stored in one spelling.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable


def tidy_name(text: str) -> str:
    r"""Normalise a name for storage: composed (NFC), with single blanks and no control characters; "" if none is left.

    Example:
        >>> tidy_name("  Ada\n Lovelace ")
        'Ada Lovelace'
        >>> tidy_name("\x1b[31mAda")
        '[31mAda'
    """
    blanks = "".join(letter if letter.isprintable() or letter.isspace() else "" for letter in text)
    return " ".join(unicodedata.normalize("NFC", blanks).split())


def name_key(name: str) -> str:
    """Key that all spellings of a name share.

    Example:
        >>> name_key("ADA ") == name_key("Ada")
        True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", tidy_name(name).casefold()))


def spellings(names: Iterable[str], known: Iterable[str] = ()) -> dict[str, str]:
    """Choose one spelling for each name: a known one, or the most frequent.

    Args:
        names: names, one for each photo.
        known: names whose spelling is fixed already.

    Returns:
        The spelling to use for each of ``names``.

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
