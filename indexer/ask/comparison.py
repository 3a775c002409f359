"""Two people, or two faces, beside one another: how alike, how rarely, and why."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from niteru.engine import Pixels, Vectors
from niteru.engine.embedding.recogniser import Recogniser
from niteru.engine.embedding.regions import shares
from niteru.indexer.ask.persons import OnePerson, Persons
from niteru.indexer.ask.probe import Photo, probe_of
from niteru.indexer.ask.resemblance import scale
from niteru.indexer.gallery import GalleryReader


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of the two: name, unit vectors of its faces, float32 (n, dimension), a crop to show, and whose row it is.

    ``row`` is that of a person with all of their faces; None for a single one.
    """

    name: str
    vectors: Vectors
    crop: Pixels | None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """How alike, the share of different pairs that are as alike, whether that is one person's, and why.

    Two people as the report compares them, among pairs of people; a photo by the face that is most like it, among
    pairs of faces.
    """

    similarity: float
    rarity: float
    same_person: bool
    why: dict[str, float]


def side_of(gallery: GalleryReader, recogniser: Recogniser, persons: Persons, photo: Photo) -> Side:
    """Somebody by name, a face of the gallery by its reference, or a photo from anywhere.

    Raises:
        ImageNotFound: a string names none of them.
        PhotoError, FaceTooSmall: a photo shows no face that would do.
    """
    name = unicodedata.normalize("NFC", photo) if isinstance(photo, str) else None
    if name in persons.names:
        row = persons.names.index(str(name))
        crop = gallery.crop(int(persons.face_ids[persons.portrait(row)]))
        return Side(str(name), persons.faces[persons.rows(row)], crop, row)
    probe = probe_of(gallery, recogniser, [photo])
    if probe.crop is not None:
        return Side(Path(photo).name if isinstance(photo, str | Path) else "photo", probe.vector[None], probe.crop)
    return Side(probe.person or str(photo), probe.vector[None], gallery.crop(probe.face["id"]))


def compare(gallery: GalleryReader, recogniser: Recogniser, persons: Persons, one: Side, other: Side) -> Comparison:
    """How alike two are."""
    why = {}
    if one.crop is not None and other.crop is not None:
        why = shares(recogniser.embedder, one.crop, [other.crop])[0]
    calibration = gallery.generation.calibration
    if one.row is not None and other.row is not None:
        score = float(persons.score(np.array([one.row]), np.array([other.row]))[0])
        same = OnePerson(persons, calibration).under(persons, one.row, other.row)
        return Comparison(score, scale(persons).rarity(score), same, why)
    similarity = float((one.vectors @ other.vectors.T).max())
    same = similarity >= calibration.same_person(len(one.vectors) * len(other.vectors))
    return Comparison(similarity, calibration.rarity(similarity), same, why)


def comparison_as_dict(one: Side, other: Side, found: Comparison) -> dict[str, Any]:
    """A comparison for programs."""
    return {
        "one": {"name": one.name, "faces": len(one.vectors)},
        "other": {"name": other.name, "faces": len(other.vectors)},
        "similarity": round(found.similarity, 4),
        "rarity": float(f"{found.rarity:.3g}"),
        "same_person": found.same_person,
        "why": found.why,
    }
