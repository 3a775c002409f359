"""People who were picked: a sequence that turns into tables, and is saved as a sheet of portraits."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from niteru.results import Table, figure

if TYPE_CHECKING:
    from niteru.indexer.ask.how_sure import HowSure
    from niteru.indexer.ask.rarity_in_words import Language
    from niteru.indexer.ask.shortlist import Picked
    from niteru.indexer.ask.shortlist import Shortlist as MadeShortlist


@dataclass(frozen=True, slots=True)
class Pick:
    """A person of a shortlist.

    Attributes:
        person: the name.
        faces: how many are in the index.
        face: number of the portrait, the face nearest to the mean of all.
        photo: which shows it.
        similarity, rarity, how_sure: to whom people were picked for, as in :class:`niteru.Match`; None where that is
            nobody, and for that person themself.
        same_person: whether it may be that person under another name.
        columns: those asked for: all values, by column.
        crop: the portrait as a JPEG, 112×112; None if the gallery lost it.
    """

    person: str
    faces: int
    face: int
    photo: str
    similarity: float | None = None
    rarity: float | None = None
    how_sure: HowSure | None = None
    same_person: bool = False
    columns: dict[str, list[str]] = field(default_factory=dict, hash=False)
    crop: bytes | None = field(default=None, repr=False)

    def _repr_html_(self) -> str:
        """The portrait and what is said of the person."""
        from niteru.indexer.ask.rarity_in_words import rarity_in_words

        said = [] if self.rarity is None else [f"{rarity_in_words(self.rarity)} · {self.how_sure}"]
        said += [f"{name}: {', '.join(values)}" for name, values in self.columns.items()]
        return figure(self.crop, self.person, " · ".join(said))


class Shortlist(Table[Pick]):
    """People in the order in which they were picked.

    Args:
        made: the list.
    """

    def __init__(self, made: MadeShortlist) -> None:
        super().__init__([_pick(one) for one in made.people])
        self._made = made

    def save(self, file: str | Path, *, language: Language = "en") -> Path:
        """Write the list to a file: a sheet of portraits as ``.pdf`` or ``.png``, a table as ``.csv`` or ``.json``.

        Args:
            file: whose suffix says which; it is replaced.
            language: of the words on a sheet.

        Returns:
            The file.

        Raises:
            UnknownFormat: the suffix is none of these.
        """
        from niteru.serve.shortlist.formats import save

        save(self._made, Path(file), language)
        return Path(file)

    def _repr_html_(self) -> str:
        return f"<div>{''.join(one._repr_html_() for one in self)}</div>"


def _pick(one: Picked) -> Pick:
    from niteru.indexer.storage.crops import encoded

    crop = None if one.crop is None else encoded(one.crop)
    alike = one.likeness
    if alike is None:
        return Pick(one.person, one.faces, one.face, one.photo, columns=one.columns, crop=crop)
    similarity, rarity = round(alike.similarity, 4), float(f"{alike.rarity:.3g}")
    sure, same = alike.likely.how_sure, alike.same_person
    return Pick(one.person, one.faces, one.face, one.photo, similarity, rarity, sure, same, one.columns, crop)
