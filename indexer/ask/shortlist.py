"""Shortlist: people who were picked, each with a portrait, and how alike they are to somebody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from niteru.engine import Pixels
from niteru.engine.failure import Failure
from niteru.engine.photos.person_name import name_key
from niteru.indexer.ask.asking import look_alikes
from niteru.indexer.ask.how_sure import rarity_as_dict
from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.ask.lookalike import LookAlike, Wish
from niteru.indexer.ask.not_found import PersonNotFound
from niteru.indexer.ask.probe import Probe, from_person
from niteru.indexer.ask.rarity_in_words import grade, one_in
from niteru.indexer.gallery import GalleryReader
from niteru.indexer.generations.columns import Columns, PersonColumns

MOST_PICKED = 100
"""People of one shortlist."""


class UnusableShortlist(Failure):
    """A shortlist names nobody, or too many people."""

    slug = "bad-parameter"


@dataclass(frozen=True, slots=True, eq=False)
class Picked:
    """Person of a shortlist.

    Attributes:
        person: name, as the gallery has it.
        columns: those asked for, as far as a table says something of the person.
        faces: number of faces in the index.
        face, photo: of the portrait, the face nearest to the mean of all.
        likeness: to the probe; None without one, and for the probe's own person.
        crop: the portrait, uint8 RGB (112, 112, 3); None if the gallery has lost it.
    """

    person: str
    columns: PersonColumns
    faces: int
    face: int
    photo: str
    likeness: LookAlike | None
    crop: Pixels | None = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class PickedFor:
    """Whom people were picked for: the name, None for a photo of nobody here; and the face as in :class:`Picked`."""

    person: str | None
    crop: Pixels | None = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Shortlist:
    """People in the order in which they were picked.

    Attributes:
        people: those picked.
        columns: names of the columns asked for.
        gallery, generation: where they are from; of the gallery's address the last part.
        day: when the list was made.
        picked_for: whom they are compared with; None for nobody.
    """

    people: list[Picked]
    columns: list[str]
    gallery: str
    generation: int
    day: date
    picked_for: PickedFor | None = None


def shortlist(
    live: LiveGallery,
    gallery: GalleryReader,
    names: Iterable[str],
    probe: Probe | None = None,
    columns: Iterable[str] = (),
) -> Shortlist:
    """Make the list of these people.

    Args:
        live: keeps everybody ready to be compared.
        gallery: opened by it.
        names: of the people, in any spelling; who is named twice stands in the list once.
        probe: whom they are compared with.
        columns: names of the columns to show; an entry may have several, separated by commas.

    Raises:
        UnusableShortlist: there are no names, or more than :data:`MOST_PICKED`.
        PersonNotFound: the gallery does not have some of these people, or no longer; all of them are named.
        PersonWithoutFace: the index has no face of one of them, or of the probe.
        ColumnNotFound: no column has one of these names.
    """
    wanted = list({name_key(name): name for name in names}.values())
    if not wanted:
        raise UnusableShortlist("a shortlist needs at least one person")
    if len(wanted) > MOST_PICKED:
        raise UnusableShortlist(f"{len(wanted)} people are picked: a shortlist has at most {MOST_PICKED}")
    generation = gallery.generation
    shown = _named(generation.columns, columns)
    _check_all_are_there(gallery, wanted)
    portraits = [from_person(gallery, name) for name in wanted]
    alike = _alike(live, gallery, probe, portraits) if probe else {}
    faces = gallery.queries.faces([one.face["id"] for one in portraits])
    for one in portraits:
        if one.face["id"] not in faces:
            raise PersonNotFound(f"{one.person!r} was removed from the gallery meanwhile: leave them out")
    people = [_picked(gallery, one, faces[one.face["id"]].photo, alike, shown) for one in portraits]
    name = PurePosixPath(gallery.name).name
    whom = None if probe is None else _picked_for(gallery, probe)
    return Shortlist(people, shown, name, generation.number, date.today(), whom)


def shortlist_as_dict(made: Shortlist) -> dict[str, Any]:
    """Describe a shortlist for JSON."""
    return {
        "gallery": {"name": made.gallery, "generation": made.generation},
        "day": made.day.isoformat(),
        "for": made.picked_for and {"person": made.picked_for.person},
        "columns": made.columns,
        "people": [_as_dict(one) for one in made.people],
    }


def _as_dict(one: Picked) -> dict[str, Any]:
    alike = one.likeness
    return {
        "person": one.person,
        "columns": one.columns,
        "faces": one.faces,
        "face": {"id": one.face, "photo": one.photo},
        "likeness": alike
        and {
            "similarity": round(alike.similarity, 4),
            **rarity_as_dict(alike.rarity, alike.likely),
            "one_in": one_in(alike.rarity),
            "grade": grade(alike.rarity),
            "same_person": alike.same_person,
        },
    }


def _check_all_are_there(gallery: GalleryReader, names: Sequence[str]) -> None:
    missing = [repr(name) for name in names if gallery.queries.known_name(name) is None]
    if missing:
        raise PersonNotFound(
            f"there is nobody called {', '.join(missing)}: leave them out; niteru people and /people list all names"
        )


def _named(known: Columns, texts: Iterable[str]) -> list[str]:
    """Columns by name; a name may have a comma in it."""
    keys = {name_key(name) for name in known.names}
    parts = (part for text in texts for part in ([text] if name_key(text) in keys else text.split(",")))
    return list(dict.fromkeys(known.named(part) for part in parts if part.strip()))


def _alike(live: LiveGallery, gallery: GalleryReader, probe: Probe, portraits: Sequence[Probe]) -> dict[str, LookAlike]:
    """How alike people are to the probe, as an answer says it, by name; the probe's own person is not there."""
    ids = frozenset(one.person_id for one in portraits if one.person_id is not None)
    found = look_alikes(live, gallery, probe, Wish(len(ids), only=ids))
    return {row.person: row for row in found.results}


def _picked(
    gallery: GalleryReader, portrait: Probe, photo: str, alike: Mapping[str, LookAlike], shown: list[str]
) -> Picked:
    person, face = str(portrait.person), portrait.face["id"]
    said = gallery.generation.columns.of(portrait.person_id or 0)
    columns = {name: said[name] for name in shown if name in said}
    return Picked(person, columns, portrait.faces_found, face, photo, alike.get(person), gallery.crop(face))


def _picked_for(gallery: GalleryReader, probe: Probe) -> PickedFor:
    return PickedFor(probe.person, probe.crop if probe.crop is not None else gallery.crop(probe.face["id"]))
