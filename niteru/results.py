"""What a gallery answers: small typed objects that print well, show their faces in a notebook, and turn into tables."""

from __future__ import annotations

import base64
import html
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar, overload

from niteru.engine.work.extras import extra

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from _typeshed import DataclassInstance
    from numpy.typing import NDArray

    from niteru.indexer.ask.how_sure import HowSure

_SIDE = 96
"""Pixels of a face in a notebook."""


@dataclass(frozen=True, slots=True)
class Match:
    """A person who looks like the probe.

    Attributes:
        person: the name.
        similarity: cosine of the probe and this person's nearest face; of two people, the report's score; bigger is
            more alike.
        rarity: share of the pairs of different people in the gallery that are at least as alike, in (0, 1].
        rarity_from, rarity_to: the interval that the rarity lies in, four times in five, by other photos of the two.
        how_sure: ``sure``, ``fairly sure`` or ``a guess``, by the width of that interval.
        photos: of the nearest faces, the nearest first.
        face: number of the nearest face; ``face:NUMBER`` asks with it.
        same_person: whether it may be the probe's own person under another name.
        related: whether the probe's person and this one belong to one family.
        ages: how old the person is on each of ``photos``; None where that is not known.
        columns: what a table of photos says of the person: all values, by column.
        crop: that face as a JPEG, 112×112; None if the gallery lost it.
    """

    person: str
    similarity: float
    rarity: float
    rarity_from: float
    rarity_to: float
    how_sure: HowSure
    photos: tuple[str, ...]
    face: int
    same_person: bool = False
    related: bool = False
    ages: tuple[int | None, ...] = ()
    columns: dict[str, list[str]] = field(default_factory=dict, hash=False)
    crop: bytes | None = field(default=None, repr=False)

    def _repr_html_(self) -> str:
        """The face and its name."""
        from niteru.indexer.ask.rarity_in_words import WORDS, grade_in_words, rarity_in_words

        said = WORDS["en"].same_person if self.same_person else grade_in_words(self.rarity)
        return figure(self.crop, self.person, f"{said}: {rarity_in_words(self.rarity)} · {self.how_sure}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a gallery.

    Attributes:
        name: as the folder of the photos has it.
        faces: how many are known.
        columns: what a table of photos says of the person: all values, by column.
    """

    name: str
    faces: int
    columns: dict[str, list[str]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Group:
    """Faces that nobody has named, and that seem to be one person's.

    Attributes:
        name: what it is called until it has a name: ``unnamed 12``.
        number: 12.
        faces: their ids, those most like the others first.
        photos: number of photos that show them.
        perhaps: name of the person, or of the larger group, that it may be a part of; None without.
        similarity: cosine to them on average; 0 without.
        crop: the face most like the others as a JPEG, 112×112; None if it is lost.
    """

    name: str
    number: int
    faces: tuple[int, ...]
    photos: int
    perhaps: str | None = None
    similarity: float = 0.0
    crop: bytes | None = field(default=None, repr=False, hash=False)

    def to_dict(self) -> dict[str, Any]:
        """All but the picture, for JSON."""
        return _without_pictures(self)

    def _repr_html_(self) -> str:
        """The face, and how many there are."""
        said = f"{len(self.faces)} in {self.photos} photos"
        return figure(self.crop, self.name, f"{said}; perhaps {self.perhaps}" if self.perhaps else said)


@dataclass(frozen=True, slots=True)
class Named:
    """What was said by hand.

    Attributes:
        faces: of how many.
        name: whose they are now; empty where they are nobody's, or where something was taken back.
    """

    faces: int
    name: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two people or two photos beside one another.

    Attributes:
        one, other: their names.
        similarity: cosine of the two; of people, less a share of how close each is to everybody.
        rarity: share of the pairs of different people that are at least as alike, in (0, 1].
        rarity_from, rarity_to: the interval that the rarity lies in, four times in five, by other photos of the two.
        how_sure: ``sure``, ``fairly sure`` or ``a guess``, by the width of that interval.
        same_person: whether one person's photos are as alike.
        why: share of each part of the face in the likeness.
        crops: the two faces as JPEGs, 112×112; None for one that is lost.
    """

    one: str
    other: str
    similarity: float
    rarity: float
    rarity_from: float
    rarity_to: float
    how_sure: HowSure
    same_person: bool
    why: dict[str, float]
    crops: tuple[bytes | None, bytes | None] = field(default=(None, None), repr=False)

    def to_dict(self) -> dict[str, Any]:
        """All but the pictures, for JSON."""
        return _without_pictures(self)

    def _repr_html_(self) -> str:
        """The two faces, and what is said of them."""
        from niteru.indexer.ask.rarity_in_words import WORDS, rarity_in_words

        faces = "".join(figure(crop, name) for crop, name in zip(self.crops, (self.one, self.other), strict=True))
        verdict = WORDS["en"].same_person if self.same_person else rarity_in_words(self.rarity)
        verdict += f" · {self.how_sure}"
        return f"<div>{faces}<p>{verdict}</p></div>"


Item = TypeVar("Item", bound="DataclassInstance")


class Table(Sequence[Item], Generic[Item]):
    """Some results in order: a sequence that turns into dicts and into a pandas frame.

    Args:
        items: the results.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self._items: tuple[Item, ...] = tuple(items)

    @overload
    def __getitem__(self, place: int) -> Item: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Item]: ...

    def __getitem__(self, place: int | slice) -> Item | Sequence[Item]:
        return self._items[place]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)

    def __repr__(self) -> str:
        return "\n".join(map(repr, self._items)) or "nobody"

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dict a row, without pictures, for JSON."""
        return [_without_pictures(item) for item in self._items]

    def to_frame(self) -> pd.DataFrame:
        """One row a result.

        Raises:
            ExtraMissing: pandas is not installed.
        """
        return _frame(self.to_dicts())

    @abstractmethod
    def _repr_html_(self) -> str:
        """What a notebook shows."""


class Matches(Table[Match]):
    """Look-alikes, the most alike first.

    Args:
        items: people.
        asked: ``person`` or ``photo``.
        nobody_alike: whether even the first is no more alike than many pairs of people are.
        probe: the face that was asked about, as a JPEG; None if it is lost.
        note: who is left out, and why; empty if nobody is.
    """

    def __init__(
        self,
        items: Sequence[Match],
        *,
        asked: Literal["person", "photo"] = "photo",
        nobody_alike: bool = False,
        probe: bytes | None = None,
        note: str = "",
    ) -> None:
        super().__init__(items)
        self.asked, self.nobody_alike, self.probe, self.note = asked, nobody_alike, probe, note

    @property
    def same_person(self) -> tuple[Match, ...]:
        """Those of them who may be the probe's own person under another name."""
        return tuple(match for match in self if match.same_person)

    def _repr_html_(self) -> str:
        from niteru.indexer.ask.rarity_in_words import WORDS

        faces = "".join(match._repr_html_() for match in self) or "nobody is here"
        said = f"<p>{WORDS['en'].nobody_alike}</p>" if self.nobody_alike else ""
        said += f"<p>{html.escape(self.note)}</p>" if self.note else ""
        return f"<div>{figure(self.probe, 'asked')}{said}{faces}</div>"


class People(Table[Person]):
    """Everybody in a gallery, by name."""

    def _repr_html_(self) -> str:
        columns = sorted({name for one in self for name in one.columns})
        head = _row_html("th", ["person", "faces", *columns])
        return f"<table>{head}{''.join(_row_html('td', _cells(one, columns)) for one in self)}</table>"


class Groups(Table[Group]):
    """Groups of faces that nobody has named, the largest first."""

    def _repr_html_(self) -> str:
        return f"<div>{''.join(group._repr_html_() for group in self) or 'everybody has a name'}</div>"


def _row_html(tag: str, cells: list[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells)}</tr>"


def _cells(one: Person, columns: list[str]) -> list[str]:
    return [one.name, str(one.faces), *("; ".join(one.columns.get(name, ())) for name in columns)]


class PersonVectors(NamedTuple):
    """Everybody as one vector each; unpacks into names and vectors.

    Attributes:
        people: names, in order.
        vectors: the robust mean of each one's photos, unit, float32 (people, dimension).
    """

    people: list[str]
    vectors: NDArray[np.float32]

    def to_frame(self) -> pd.DataFrame:
        """One row a person, by name; one column a dimension.

        Raises:
            ExtraMissing: pandas is not installed.
        """
        frame = _frame(self.vectors)
        return frame.set_index(_frame({"person": self.people})["person"])


def figure(crop: bytes | None, name: str, caption: str = "") -> str:
    """A face with its name under it, as HTML that needs no other file."""
    source = f"data:image/jpeg;base64,{base64.b64encode(crop).decode()}" if crop else ""
    picture = f'<img src="{source}" width="{_SIDE}" height="{_SIDE}" alt="{html.escape(name)}">'
    return (
        f'<figure style="display:inline-block;margin:4px;width:{_SIDE + 40}px;vertical-align:top">{picture}'
        f"<figcaption><b>{html.escape(name)}</b><br>{html.escape(caption)}</figcaption></figure>"
    )


def _without_pictures(result: DataclassInstance) -> dict[str, Any]:
    pictures = {one.name for one in fields(result) if not one.repr}
    return {name: value for name, value in asdict(result).items() if name not in pictures}


def _frame(content: Any) -> pd.DataFrame:
    with extra("pandas", "a frame"):
        import pandas as pd
    return pd.DataFrame(content)
