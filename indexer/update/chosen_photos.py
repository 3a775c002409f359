"""Choice of what is forgotten with a person or a photo: other files with the same bytes, and faces without a name."""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import ItemsView, Iterable
from dataclasses import dataclass

import numpy as np

from niteru.engine.networks.model_folder import ModelUnusable
from niteru.engine.photos.person_name import NOBODY, group_name, group_number, name_key
from niteru.indexer.ask.not_found import ImageNotFound, PersonNotFound, perhaps_meant
from niteru.indexer.ask.same_person import NEAR_DUPLICATE
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.rows import FaceVector, PhotoState
from niteru.indexer.catalog.suppression import SuppressionList
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.generation import GenerationUnusable
from niteru.indexer.generations.rarity_calibration import Calibration, model_calibration
from niteru.indexer.naming.name_book import NameBook
from niteru.indexer.naming.whom import FACE, is_number, whom
from niteru.indexer.update.proof import finishing

_ELSEWHERE_FMR = 1e-3
"""Share of other people's faces that are taken for the person's: one that stays would be worse."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be forgotten.

    Attributes:
        who: the person, group or face as it is told; None where single photos are forgotten.
        names: the person's, of today, of their folders and in metadata, in all spellings; none where single photos are
            forgotten.
        spoken_of: whether photo programs gave one of these names, something was told of them by hand, or the history
            has them.
        photos: in the person's folders, showing nobody else, or named; and all others with the same bytes.
        faces: all faces in these photos.
        elsewhere: faces in other photos that are the person's, or probably are and have no name.
        others: other people who are on some of these photos, or have the same files, and how many photos they keep.
    """

    who: str | None
    names: list[str]
    spoken_of: bool
    photos: list[PhotoState]
    faces: list[FaceVector]
    elsewhere: list[FaceVector]
    others: dict[str, int]


def choose(gallery: Gallery, person: str | None, photos: list[str], *, interrupted: bool) -> Chosen:
    """Choose what is to be forgotten with a person, a group or a face, or with photos.

    Args:
        gallery: locked for writing.
        person: a name, in any spelling; the number of a group; or ``face:ID``.
        photos: or paths below FACES.
        interrupted: whether an earlier forgetting was; the same person may then be gone already.

    Raises:
        PersonNotFound, FaceNotFound, ImageNotFound: there is no such person, face or photo.
    """
    queries = gallery.catalog.queries
    known = queries.photos()
    if person is not None and person.startswith(FACE):
        names, labelled = [], {whom(gallery.catalog, [person]).faces[0]}
    else:
        names = sorted(_names(gallery, person, interrupted))
        labelled = {face.id for name in names for face in queries.faces_of_person(name)}
    asked = _refs(gallery, photos, known, interrupted)
    refs = asked | queries.photos_of_these_alone(labelled)
    named = [photo for photo in known.values() if photo.person in names or photo.ref in refs]
    contents = {photo.sha256 for photo in named if photo.sha256}
    refs = {photo.ref for photo in named}
    chosen = [photo for photo in known.values() if photo.ref in refs or photo.sha256 in contents]
    faces = queries.vectors_of_photos(photo.ref for photo in chosen)
    return Chosen(
        who=names[0] if names else person,
        names=names,
        spoken_of=not _spoken_of(gallery.catalog).isdisjoint(names),
        photos=chosen,
        faces=faces,
        elsewhere=_elsewhere(gallery, labelled, faces, alike=bool(names)),
        others=_others(gallery, {face.face for face in faces} - labelled, {photo.ref for photo in chosen}, asked),
    )


def _others(gallery: Gallery, faces: set[int], going: set[str], asked: set[str]) -> dict[str, int]:
    """People with a name whose faces are in photos that go unasked, and how many photos they keep."""
    queries = gallery.catalog.queries
    names = {face.person for face in queries.faces(faces).values() if face.person and face.photo not in asked}
    return {
        name: len({face.photo for face in queries.faces_of_person(name)} - going)
        for name in sorted(names)
        if group_number(name) is None
    }


def _names(gallery: Gallery, person: str | None, interrupted: bool) -> set[str]:
    """All spellings of a name, of which an older niteru made people of their own, and names in folders and metadata.

    Whoever is not on any photo at present may have something told of them by hand, or in the history, all the same.
    """
    if person is None:
        return set()
    book, catalog = NameBook(gallery.catalog), gallery.catalog
    if is_number(person) and catalog.queries.known_name(person) is None:
        person = group_name(int(person))
    people = ({*catalog.labels.names().values()} | _spoken_of(catalog)) - {NOBODY}
    names = {name for name in people if name_key(book.today(name)) == name_key(person)}
    names = names or {name for name in people if name_key(book.today(name)) == name_key(book.today(person))}
    if names:
        return names
    if SuppressionList(gallery.catalog).forgets(person):
        if interrupted:
            return {person}
        raise PersonNotFound(f"{gallery.name}: {person} is forgotten already; {finishing(gallery)} checks that again")
    raise PersonNotFound(f"{gallery.name}: nobody called {person}{perhaps_meant(person, people)}")


def _spoken_of(catalog: Catalog) -> set[str]:
    """Names that the catalogue has beside those of photos and faces."""
    return catalog.claims.names() | catalog.facts.people() | catalog.history.people()


def _refs(gallery: Gallery, photos: list[str], known: Iterable[str], interrupted: bool) -> set[str]:
    """Photos as they are kept, by paths whose accents may be spelled otherwise."""
    kept: dict[str, list[str]] = {}
    for ref in known:
        kept.setdefault(unicodedata.normalize("NFC", ref), []).append(ref)
    found = set()
    for ref in photos:
        spellings = kept.get(unicodedata.normalize("NFC", ref), [])
        if not spellings and not interrupted:
            raise ImageNotFound(f"{gallery.name}: no photo {ref}{perhaps_meant(ref, known)}")
        found |= {ref} if ref in spellings else set(spellings)
    return found


def _elsewhere(gallery: Gallery, labelled: set[int], faces: list[FaceVector], *, alike: bool) -> list[FaceVector]:
    """The person's faces in other photos and, if wanted, those that nobody has named and that are probably theirs."""
    queries = gallery.catalog.queries
    taken = {face.face for face in faces}
    known = taken | labelled
    found = {face.face: face for face in queries.vectors_of_faces(labelled - taken)}
    for model, least in _thresholds(gallery) if labelled and alike else ():
        theirs = [one.vector for one in [*faces, *found.values()] if one.model == model and one.face in labelled]
        strangers = [one for one in queries.vectors_of_nobody(model) if one.face not in known]
        if strangers and theirs:
            nearest = (np.stack([face.vector for face in strangers]) @ np.stack(theirs).T).max(axis=1)
            limit = min(least.similarity_at(_ELSEWHERE_FMR / len(theirs)), NEAR_DUPLICATE)
            found |= {one.face: one for one, near in zip(strangers, nearest, strict=True) if near >= limit}
    return list(found.values())


def _thresholds(gallery: Gallery) -> ItemsView[str, Calibration]:
    """Calibration by model: the gallery's own, or else the one that comes with the model."""
    known: dict[str, Calibration] = {}
    with contextlib.suppress(ModelUnusable):
        info = gallery.model()
        known[info.id] = model_calibration(info.calibration)
    with contextlib.suppress(GenerationUnusable):
        known[gallery.generation.model] = gallery.generation.calibration
    return known.items()
