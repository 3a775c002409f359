"""Faces that somebody has named, by hand or in a photo program, and from where each name is."""

from __future__ import annotations

from dataclasses import dataclass

from niteru.engine.faces.face import Box
from niteru.engine.photos.person_name import group_number, name_key
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.verdicts import VerdictKind
from niteru.indexer.naming.by_metadata import given_names
from niteru.indexer.naming.name_book import NameBook

HAND = "hand"
"""Source of what was said by hand."""


@dataclass(frozen=True, slots=True)
class NamedFace:
    """A face that somebody has named.

    Attributes:
        face: its id.
        photo: ref of its photo.
        second: its time in a video; None in a photo.
        person: whose it is.
        box: in pixels of the upright photo.
        sources: ``hand``, or the forms in which photo programs wrote the name down.
        in_file: whether the photo, or a file beside it, has this name with a box.
    """

    face: int
    photo: str
    second: float | None
    person: str
    box: Box
    sources: tuple[str, ...]
    in_file: bool = False


def named_faces(catalog: Catalog) -> list[NamedFace]:
    """List the faces that somebody has named, sorted by person, photo and id; those that only folders name are none."""
    verdicts, given = catalog.verdicts.by_face(), given_names(catalog).faces
    by_hand = {face for face, verdict in verdicts.items() if verdict.kind == VerdictKind.PERSON}
    by_hand |= _renamed(catalog) - given.keys()
    found = []
    for face in catalog.queries.faces(by_hand | given.keys()).values():
        if face.person is not None and group_number(face.person) is None:
            name = given.get(face.id)
            in_file = name is not None and name.box is not None and name.name == face.person
            sources = (HAND,) if face.id in by_hand or name is None else tuple(map(str, name.sources))
            found.append(NamedFace(face.id, face.photo, face.second, face.person, face.box, sources, in_file))
    return sorted(found, key=lambda face: (face.person, face.photo, face.face))


def set_aside(catalog: Catalog) -> set[int]:
    """Ids of the faces that are nobody's, or none, by hand."""
    return {face for face, verdict in catalog.verdicts.by_face().items() if verdict.kind != VerdictKind.PERSON}


def _renamed(catalog: Catalog) -> set[int]:
    """Ids of the faces of people who have their name by hand, whatever their folders are called."""
    book = NameBook(catalog)
    keys = {name_key(book.today(one.new, one.step)) for one in catalog.verdicts.renamings()}
    people = [name for _, name, _ in catalog.queries.people() if name_key(name) in keys] if keys else []
    return {face.id for name in people for face in catalog.queries.faces_of_person(name)}
