"""Names as they are today, whatever folders and earlier words call people."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from niteru.engine.photos.person_name import NOBODY, name_key
from niteru.indexer.catalog.catalog import Catalog


class NameBook:
    """Ids of the people that names stand for, after all renamings.

    Args:
        catalog: opened for writing, where people are to be entered.

    Attributes:
        of_nobody: ids that stand for folders which are nobody's: albums, and where photos lie in none.
        misnamed: ids that stand for folders whose name is not their person's, for they are albums, or renamed.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._labels, self._renamings = catalog.labels, catalog.verdicts.renamings()
        self._places = defaultdict[str, list[int]](list)
        """Places of the renamings of each name, by its key."""
        for place, renaming in enumerate(self._renamings):
            self._places[name_key(renaming.old)].append(place)
        names = self._labels.names()
        self.of_nobody = {person for person, name in names.items() if name == NOBODY} | self._labels.albums().keys()
        self._today = {person: self.today(name) for person, name in names.items()} if self._renamings else {}
        self.misnamed = self.of_nobody | {one for one, name in self._today.items() if name != names[one]}

    def today(self, name: str, step: int = 0) -> str:
        """The name that somebody has who was called ``name`` at a step; folders never learn of a renaming."""
        place = -1
        while (after := self._next(name, place, step)) is not None:
            place, name = after, self._renamings[after].new
        return name

    def _next(self, name: str, place: int, step: int) -> int | None:
        """Place of the first renaming of a name after a place and a step; None if there is none."""
        places = self._places.get(name_key(name), []) if self._places else []
        return next((one for one in places if one > place and self._renamings[one].step > step), None)

    def of_folder(self, person: int) -> int:
        """Id of the person whose folder is called as the person with an id is."""
        return self.id_of(self._today[person]) if person in self._today else person

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {name_key(name): person for person, name in self._labels.names().items()}

    def id_of(self, name: str) -> int:
        """Id of the person or group with this name in any spelling, who is entered if new."""
        key = name_key(name)
        if key not in self._ids:
            self._ids[key] = self._labels.id_of(name)
        return self._ids[key]
