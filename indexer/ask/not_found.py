"""Failures of questions about photos, people and faces that the gallery does not have."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from niteru.engine.failure import Failure


class ImageNotFound(Failure):
    """No photo or face of the gallery has this reference."""


class PersonNotFound(Failure):
    """Nobody in the gallery has this name."""


class PersonWithoutFace(Failure):
    """A person is known, but none of their photos shows a face that is in the index."""


class FaceNotFound(Failure):
    """No face of the gallery has this id."""


def perhaps_meant(name: str, names: Iterable[str], otherwise: str = "") -> str:
    """End of a sentence about a name that nobody has: the names that are spelled nearly so, or else something else.

    Example:
        >>> perhaps_meant("Adda", ["Ada", "Alan"])
        '; did you mean Ada?'
    """
    near = get_close_matches(name, names, 3)
    return f"; did you mean {' or '.join(near)}?" if near else otherwise
