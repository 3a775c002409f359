"""The part of the front door where faces that nobody has named get names."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from niteru.results import Group, Groups, Named

if TYPE_CHECKING:
    from niteru.indexer.update.naming import Said

Who = int | str | Group
"""Somebody who is meant: a group or its number, a person's name, or a face as ``face:ID``."""


class Naming:
    """What people say by hand of groups, people and faces; it counts more than any folder, and is kept.

    What is said is published at once. Without ``publish``, answers have the names all the same, and it takes a fraction
    of the time: of many steps, publish the last, or run :meth:`niteru.Gallery.index`.

    Args:
        address: of the gallery.
    """

    def __init__(self, address: str | Path) -> None:
        self.address = address

    def groups(self, most: int | None = None) -> Groups:
        """The groups of faces that nobody has named, the largest first.

        Args:
            most: only so many of them; all if None.
        """
        from niteru.indexer.gallery import Gallery
        from niteru.indexer.naming.piles import Piles

        with closing(Gallery(self.address)) as gallery:
            return Groups(
                [
                    Group(
                        pile.name,
                        pile.number,
                        tuple(pile.faces),
                        pile.photos,
                        pile.perhaps,
                        pile.similarity,
                        crop=gallery.crops.data(pile.faces[0]),
                    )
                    for pile in Piles(gallery)[:most]
                ]
            )

    def name(
        self,
        who: Who | Iterable[Who],
        called: str | Group | None = None,
        *,
        born: int | None = None,
        family: str | Iterable[str] | None = None,
        publish: bool = True,
    ) -> Named:
        """Say who some are, when they were born, or to which family they belong.

        Those who had different names are one person then.

        Args:
            who: those who are meant.
            called: a new name or somebody's; or a group that they belong to. None, for people who have a name, to tell
                only the rest.
            born: year of birth, for ages on photos.
            family: name of the family, or of several, by which relatives are told; empty for none.
            publish: see the class.

        Raises:
            BadName: a name cannot be a person's; or nothing is said, or something is told of those without a name.
            BadFact: nobody was born in that year, or a family has no name.
        """
        from niteru.engine.photos.person_name import BadName
        from niteru.indexer.lives.told import Told
        from niteru.indexer.update.naming import name, tell

        families = (family,) if isinstance(family, str) and family else family
        told = Told(born, None if families is None else tuple(families))
        if called is not None:
            return self._say(name(_meant(who), called if isinstance(called, str) else called.name, told), publish)
        if not told:
            raise BadName("nothing is said: give a name, the year of birth, or the family")
        return self._say(tell(_meant(who), told), publish)

    def split(self, who: Who | Iterable[Who], *, publish: bool = True) -> Named:
        """Say that some belong together, and not to the group that they are in; the new group's name is told.

        Args:
            who: those who are meant, such as ``["face:7", "face:9"]``.
            publish: see the class.
        """
        from niteru.indexer.update.naming import split

        return self._say(split(_meant(who)), publish)

    def set_aside(self, who: Who | Iterable[Who], *, no_face: bool = False, publish: bool = True) -> Named:
        """Say that some are nobody to be found, and search them no more.

        Args:
            who: those who are meant.
            no_face: they are no faces at all.
            publish: see the class.
        """
        from niteru.indexer.catalog.verdicts import VerdictKind
        from niteru.indexer.update.naming import set_aside

        kind = VerdictKind.NO_FACE if no_face else VerdictKind.NOBODY
        return self._say(set_aside(_meant(who), kind), publish)

    def undo_name(self, *, publish: bool = True) -> Named:
        """Take back what was said last: a name, a split, or that some are nobody.

        Args:
            publish: see the class.
        """
        from niteru.indexer.update.naming import take_back

        return self._say(take_back(), publish)

    def _say(self, said: Said, publish: bool) -> Named:
        from niteru.indexer.update.naming import say

        word = say(self.address, said, publish=publish)
        return Named(word.faces, word.name)


def _meant(who: Who | Iterable[Who]) -> list[str]:
    several = [who] if isinstance(who, int | str | Group) else who
    return [one.name if isinstance(one, Group) else str(one) for one in several]
