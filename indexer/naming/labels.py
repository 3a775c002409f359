"""Settling of labels: whose each face is.

What people say by hand counts most, then what they said in other photo programs, then the folder's name, then whose a
face seems to be.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from niteru.engine.embedding.embedder import ModelInfo
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.labels import SETTLED_BY, PlacedFace
from niteru.indexer.catalog.rows import PhotoFaces
from niteru.indexer.catalog.verdicts import VerdictKind
from niteru.indexer.naming.albums import LEAST_PHOTOS, is_album
from niteru.indexer.naming.by_metadata import given_names
from niteru.indexer.naming.name_book import NameBook
from niteru.indexer.naming.own_face import agreeing, own_faces
from niteru.indexer.naming.regrouping import regrouped

RULE = 1
"""Number of the rule by which labels are settled: another one has those of all galleries settled anew."""
Said = Mapping[int, int | None]
"""Whose a face was said to be, by its id: a person or group, or None for nobody."""


def settle_labels(catalog: Catalog, model: ModelInfo) -> None:
    """Decide of every face whose it is. Must run in a transaction.

    A photo in a person's folder gives its label to one of its faces; an album's is nobody's. All other faces, if
    nothing makes them doubtful, fall into groups without a name. The same photos and words give the same labels,
    however many runs brought them; only the groups remember which faces came first.

    What other folders have says nothing of a folder's faces, but for those of groups. So as long as the words are the
    same, only folders that were touched since are looked at.
    """
    _touch_by_words(catalog, model)
    _find_albums(catalog, model)
    book = NameBook(catalog)
    by_hand = _by_hand(catalog, book)
    faces = catalog.labels.unsettled(book.misnamed)
    said = _by_metadata(catalog, book) | by_hand
    company = Counter(face.photo for face in faces)
    wanted = _by_folder(faces, company, book) | _in_company(catalog, model, faces, company, book, said) | said
    groups = catalog.labels.groups()
    free = [
        face if face.person in groups else replace(face, person=None)
        for face in faces
        if face.id not in wanted and face.usable
    ]
    placed = {face: person for face, person in by_hand.items() if person in groups}
    found = {face.id: None for face in faces} | wanted
    if any(face.person is None for face in free):
        others = (face for face in catalog.labels.in_groups() if face.id not in found and face.usable)
        free = sorted([*free, *others], key=lambda face: face.id)
    catalog.labels.put(found | regrouped(catalog, model, free, placed))
    catalog.labels.drop_empty_people()


def _touch_by_words(catalog: Catalog, model: ModelInfo) -> None:
    """Have all folders settled anew where other words than before are said, or by another model or another rule."""
    mark = f"{RULE} {model.id} {sorted(model.calibration.items())} {catalog.labels.mark_of_words()}"
    settled_by = hashlib.sha256(mark.encode()).hexdigest()
    if catalog.queries.setting(SETTLED_BY) != settled_by:
        catalog.labels.touch_all()
        catalog.set_setting(SETTLED_BY, settled_by)


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


def _by_folder(faces: list[PlacedFace], company: Mapping[int, int], book: NameBook) -> dict[int, int | None]:
    """Labels of the faces that are alone in a photo of a person's folder.

    Args:
        faces: to label.
        company: number of faces by photo.
        book: of names.
    """
    return {
        face.id: book.of_folder(face.folder)
        for face in faces
        if face.folder not in book.of_nobody and face.second is None and company[face.photo] == 1
    }


def _in_company(
    catalog: Catalog,
    model: ModelInfo,
    faces: list[PlacedFace],
    company: Mapping[int, int],
    book: NameBook,
    said: Said,
) -> dict[int, int | None]:
    """Labels of the faces that are the folder's person among others in a photo, or in a video."""
    labels: dict[int, int | None] = {}
    for person in sorted({face.folder for face in faces if company[face.photo] > 1 or face.second is not None}):
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
