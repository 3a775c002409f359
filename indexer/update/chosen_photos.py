"""Choice of what is forgotten with a person or a photo: other files with the same bytes, and faces without a name."""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import ItemsView, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from niteru.engine.embedding.embedder import ModelInfo
from niteru.engine.networks.model_folder import ModelUnusable, read_info
from niteru.engine.photos.person_name import name_key
from niteru.indexer.ask.not_found import ImageNotFound, PersonNotFound
from niteru.indexer.catalog.rows import FaceVector, PhotoState
from niteru.indexer.catalog.suppression import SuppressionList
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.generation import GenerationUnusable
from niteru.indexer.generations.rarity_calibration import Calibration, model_calibration
from niteru.indexer.update.proof import finishing

_ELSEWHERE_FMR = 1e-3
"""Share of other people's faces that are taken for the person's: one that stays would be worse."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be forgotten.

    Attributes:
        names: the person's, in all spellings here; none where single photos are forgotten.
        photos: the person's or those named, and all others with the same bytes.
        faces: all faces in these photos.
        elsewhere: unlabelled faces in other people's photos that are probably the person's.
    """

    names: list[str]
    photos: list[PhotoState]
    faces: list[FaceVector]
    elsewhere: list[FaceVector]


def choose(gallery: Gallery, person: str | None, photos: list[str], *, interrupted: bool) -> Chosen:
    """Choose what is to be forgotten with a person, or with photos.

    Args:
        gallery: opened for writing.
        person: a name, in any spelling.
        photos: or paths below FACES.
        interrupted: whether an earlier forgetting was; the same person may then be gone already.

    Raises:
        PersonNotFound, ImageNotFound: there is no such person or photo.
    """
    known = gallery.catalog.queries.photos()
    names = sorted(_names(gallery, person, {photo.person for photo in known.values()}, interrupted))
    refs = _refs(gallery, photos, known, interrupted)
    named = [photo for photo in known.values() if photo.person in names or photo.ref in refs]
    contents = {photo.sha256 for photo in named if photo.sha256}
    refs = {photo.ref for photo in named}
    chosen = [photo for photo in known.values() if photo.ref in refs or photo.sha256 in contents]
    faces = gallery.catalog.queries.vectors_of_photos(photo.ref for photo in chosen)
    return Chosen(names, chosen, faces, _elsewhere(gallery, names, faces))


def _names(gallery: Gallery, person: str | None, people: set[str], interrupted: bool) -> set[str]:
    """All spellings of a name: an older niteru took each for a person of its own."""
    if person is None:
        return set()
    key = name_key(person)
    names = {name for name in people if name_key(name) == key}
    if names:
        return names
    if SuppressionList(gallery.catalog).forgets(person):
        if interrupted:
            return {person}
        raise PersonNotFound(f"{gallery.name}: {person} is forgotten already; {finishing(gallery)} checks that again")
    raise PersonNotFound(_unknown(f"nobody called {person}", person, people, gallery.name))


def _refs(gallery: Gallery, photos: list[str], known: Iterable[str], interrupted: bool) -> set[str]:
    """Photos as they are kept, by paths whose accents may be spelled otherwise."""
    kept: dict[str, list[str]] = {}
    for ref in known:
        kept.setdefault(unicodedata.normalize("NFC", ref), []).append(ref)
    found = set()
    for ref in photos:
        spellings = kept.get(unicodedata.normalize("NFC", ref), [])
        if not spellings and not interrupted:
            raise ImageNotFound(_unknown(f"no photo {ref}", ref, known, gallery.name))
        found |= {ref} if ref in spellings else set(spellings)
    return found


def _elsewhere(gallery: Gallery, names: list[str], faces: list[FaceVector]) -> list[FaceVector]:
    """Unlabelled faces in other people's photos that are probably the person's."""
    queries = gallery.catalog.queries
    taken = {face.face for face in faces}
    labelled = {face.id for name in names for face in queries.faces_of_person(name)}
    found = []
    for model, least in _thresholds(gallery) if labelled else ():
        theirs = [face.vector for face in faces if face.model == model and face.face in labelled]
        strangers = [face for face in queries.vectors_of_nobody(model) if face.face not in taken]
        if strangers and theirs:
            alike = (np.stack([face.vector for face in strangers]) @ np.stack(theirs).T).max(axis=1)
            limit = least.similarity_at(_ELSEWHERE_FMR / len(theirs))
            found += [face for face, similarity in zip(strangers, alike, strict=True) if similarity >= limit]
    return found


def _thresholds(gallery: Gallery) -> ItemsView[str, Calibration]:
    """Calibration by model: the gallery's own, or else the one that comes with the model."""
    known: dict[str, Calibration] = {}
    with contextlib.suppress(ModelUnusable):
        info = read_info(gallery.model_folder(), ModelInfo)
        known[info.id] = model_calibration(info.calibration)
    with contextlib.suppress(GenerationUnusable):
        known[gallery.generation.model] = gallery.generation.calibration
    return known.items()


def _unknown(what: str, name: str, names: Iterable[str], gallery: str) -> str:
    near = get_close_matches(name, names, 3)
    return f"{gallery}: {what}" + (f"; did you mean {' or '.join(near)}?" if near else "")
