"""Normalisation of people's names, whether they come from a folder, a table or a command line.

File systems and keyboards spell the same name in several ways: with composed accents or not, with blanks around it, in
capitals. So names are compared by a key, and stored in one spelling.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from niteru.engine.failure import Failure

NOBODY = ""
"""Name of the person whose folder a photo lies in, if it lies in nobody's."""
MOST_LETTERS = 200
"""Of a name; that of a folder has about as many at most."""
_NOBODY = frozenset({"unknown", "unconfirmed", "ignored", "_unknown_", "ffffffffffffffff", "unnamed"})
"""Keys of such names: digiKam's three, then those of osxphotos, Picasa and exiftool."""
_GROUP = re.compile(r"unnamed ([1-9][0-9]{0,8})")
_SHOWN = 40
"""Letters of a bad name that are told."""


class BadName(Failure):
    """The text cannot be a person's name here."""


def checked_name(text: str) -> str:
    """Normalise a name that somebody wrote down, as :func:`tidy_name` does.

    Raises:
        BadName: nothing is left of it, it could not be a folder's, or it is longer than any name.

    Example:
        >>> checked_name(" Ada  Lovelace")
        'Ada Lovelace'
        >>> checked_name("AC/DC")
        Traceback (most recent call last):
        ...
        niteru.engine.photos.person_name.BadName: 'AC/DC' cannot name a person: a name has no slash
    """
    name = tidy_name(text)
    if name in ("", ".", ".."):
        raise BadName(f"{text[:_SHOWN]!r} cannot name a person: it has no letters that can be shown")
    if len(name) > MOST_LETTERS:
        raise BadName(f"{name[:_SHOWN]!r}… cannot name a person: it has {len(name):,} letters")
    if "/" in name:  # it stands in addresses and in paths of folders
        raise BadName(f"{name!r} cannot name a person: a name has no slash")
    return name


def tidy_name(text: str) -> str:
    r"""Normalise a name for storage: composed (NFC), with single blanks and no control characters; "" if none is left.

    Example:
        >>> tidy_name("  Ada\n Lovelace ")
        'Ada Lovelace'
        >>> tidy_name("\x1b[31mAda")
        '[31mAda'
    """
    if text.isascii() and text.isprintable():  # as nearly all are: a tenth of the time
        return " ".join(text.split())
    blanks = "".join(letter if letter.isprintable() or letter.isspace() else "" for letter in text)
    return " ".join(unicodedata.normalize("NFC", blanks).split())


def is_nobody(name: str) -> bool:
    """Whether a name is what a photo program, or niteru itself, writes for faces that nobody has named.

    Example:
        >>> is_nobody("Unknown"), is_nobody("unnamed 12"), is_nobody("Ada")
        (True, True, False)
    """
    return name_key(name) in _NOBODY or group_number(name) is not None


def group_name(number: int) -> str:
    """Name by which a group of faces is known until somebody names it."""
    return f"unnamed {number}"


def group_number(name: str) -> int | None:
    """Number of the group that has this name; None if it is a person's.

    Example:
        >>> group_number("unnamed 12"), group_number("Ada")
        (12, None)
    """
    found = _GROUP.fullmatch(name_key(name))
    return int(found[1]) if found else None


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
