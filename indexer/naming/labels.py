"""Settling of labels: whose each face is.

What people say by hand counts most, then what they said in other photo programs, then the folder's name, then whose a
face seems to be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from niteru.engine.embedding.embedder import ModelInfo
from niteru.engine.photos.person_name import group_number
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.labels import PlacedFace
from niteru.indexer.catalog.rows import PhotoFaces
from niteru.indexer.catalog.verdicts import VerdictKind
from niteru.indexer.naming.albums import LEAST_PHOTOS, is_album
from niteru.indexer.naming.by_metadata import given_names
from niteru.indexer.naming.name_book import NameBook
from niteru.indexer.naming.own_face import agreeing, own_faces
from niteru.indexer.naming.regrouping import regrouped

Said = Mapping[int, int | None]
"""Whose a face was said to be, by its id: a person or group, or None for nobody."""


def settle_labels(catalog: Catalog, model: ModelInfo) -> None:
    """Decide of every face whose it is. Must run in a transaction.

    A photo in a person's folder gives its label to one of its faces; an album's is nobody's. All other faces, if
    nothing makes them doubtful, fall into groups without a name. The same photos and words give the same labels,
    however many runs brought them; only the groups remember which faces came first.
    """
    _find_albums(catalog, model)
    book = NameBook(catalog)
    by_hand = _by_hand(catalog, book)
    faces = catalog.labels.unsettled(book.misnamed)
    said = _by_metadata(catalog, book) | by_hand
    wanted = _by_folder(faces, book) | _in_company(catalog, model, book, said) | said
    groups = {person for person, name in catalog.labels.names().items() if group_number(name)}
    free = [
        face if face.person in groups else replace(face, person=None)
        for face in faces
        if face.id not in wanted and face.usable
    ]
    placed = {face: person for face, person in by_hand.items() if person in groups}
    found = {face.id: None for face in faces} | wanted | regrouped(catalog, model, free, placed)
    catalog.labels.put(found)
    catalog.labels.drop_empty_people()


def _find_albums(catalog: Catalog, model: ModelInfo) -> None:
    """Decide which folders show many people, once they have photos enough; a person's stays a person's."""
    for folder in catalog.labels.undecided(LEAST_PHOTOS):
        photos = catalog.queries.photos_of_person(folder, model.id)
        if len(photos) >= LEAST_PHOTOS:
            catalog.labels.decide(folder, album=is_album(photos, agreeing(model)))


def _by_hand(catalog: Catalog, book: NameBook) -> dict[int, int | None]:
    return {
        face: book.id_of(book.today(verdict.person, verdict.step)) if verdict.kind == VerdictKind.PERSON else None
        for face, verdict in catalog.verdicts.by_face().items()
    }


def _by_metadata(catalog: Catalog, book: NameBook) -> dict[int, int | None]:
    return {face: book.id_of(book.today(given.name)) for face, given in given_names(catalog).faces.items()}


def _by_folder(faces: list[PlacedFace], book: NameBook) -> dict[int, int | None]:
    """Labels of the faces that are alone in a photo of a person's folder."""
    company = Counter(face.photo for face in faces)
    return {
        face.id: book.of_folder(face.folder)
        for face in faces
        if face.folder not in book.of_nobody and face.second is None and company[face.photo] == 1
    }


def _in_company(catalog: Catalog, model: ModelInfo, book: NameBook, said: Said) -> dict[int, int | None]:
    """Labels of the faces that are the folder's person among others in a photo, or in a video."""
    labels: dict[int, int | None] = {}
    for person in catalog.queries.people_in_group_photos():
        if person not in book.of_nobody:
            own = book.of_folder(person)
            photos = [_without_others(photo, own, said) for photo in catalog.queries.photos_of_person(person, model.id)]
            if left := [photo for photo in photos if len(photo.ids)]:
                labels |= dict.fromkeys(own_faces(left, model), own)
    return labels


def _without_others(photo: PhotoFaces, person: int, said: Said) -> PhotoFaces:
    """The faces of a photo that may be a person's: the one said to be, or all that were not said to be others'."""
    ids = photo.ids.tolist()
    theirs = [face for face in ids if said.get(face, -1) == person]
    kept = np.array([face in theirs if theirs else face not in said for face in ids], np.bool_)
    return replace(photo, ids=photo.ids[kept], vectors=photo.vectors[kept])
