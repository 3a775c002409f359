"""Comparison of two people, or of two faces: how alike they are, how rare that is, and why."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from niteru.engine import Pixels, Vectors
from niteru.engine.embedding.recogniser import Recogniser
from niteru.engine.embedding.regions import shares
from niteru.engine.faces.quality import blur_of
from niteru.indexer.ask.how_sure import Interval, interval, rarity_as_dict, usual_spread, variance_of
from niteru.indexer.ask.persons import Persons, repeated
from niteru.indexer.ask.portraits import Portrait, portrait_by_id
from niteru.indexer.ask.probe import Photo, probe_of
from niteru.indexer.ask.resemblance import scale
from niteru.indexer.ask.same_person import SamePerson
from niteru.indexer.gallery import GalleryReader
from niteru.indexer.generations.generation import Generation


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One side of a comparison.

    Attributes:
        name: of the person, or of the photo's file.
        vectors: unit vectors of its faces, float32 (n, dimension).
        crop: aligned face, uint8 RGB (112, 112, 3); None if the gallery has lost it.
        row: of a person who is compared by all of their faces; None for a single face.
        portrait: the same face to look at; None if it was not wanted, or is lost.
        known: whether it is of the gallery, and no photo from elsewhere.
    """

    name: str
    vectors: Vectors
    crop: Pixels | None
    row: int | None = None
    portrait: Portrait | None = None
    known: bool = True


@dataclass(frozen=True, slots=True)
class Comparison:
    """Similarity, its rarity and the interval of that, whether it may be one person, and the share of each part in it.

    Two people are compared as the report does it, and rarity counts pairs of people; a photo is compared with the face
    most similar to it, and rarity counts pairs of faces.
    """

    similarity: float
    rarity: float
    likely: Interval
    same_person: bool
    why: dict[str, float]


def side_of(gallery: GalleryReader, recogniser: Recogniser, persons: Persons, photo: Photo, portrait: int = 0) -> Side:
    """Side for a person by name, for a face of the gallery by its reference, or for a photo from anywhere.

    Args:
        gallery: the gallery to look in.
        recogniser: for photos from elsewhere.
        persons: everybody in the gallery.
        photo: what is compared.
        portrait: side of the portrait to make, in pixels; 0 for none.

    Raises:
        ImageNotFound: a string names none of them.
        PhotoError, FaceTooSmall: a photo shows no usable face.
    """
    name = unicodedata.normalize("NFC", photo) if isinstance(photo, str) else None
    if name in persons.names:
        row = persons.names.index(str(name))
        face = int(persons.face_ids[persons.portrait(row)])
        shown = portrait_by_id(gallery, face, portrait) if portrait else None
        return Side(str(name), persons.faces[persons.rows(row)], gallery.crop(face), row, shown)
    probe = probe_of(gallery, recogniser, [photo], portrait=portrait)
    if probe.crop is not None:
        called = Path(photo).name if isinstance(photo, str | Path) else "photo"
        return Side(called, probe.vector[None], probe.crop, portrait=probe.portrait, known=False)
    face = probe.face["id"]
    shown = portrait_by_id(gallery, face, portrait) if portrait else None
    return Side(probe.person or str(photo), probe.vector[None], gallery.crop(face), portrait=shown)


def compare(gallery: GalleryReader, recogniser: Recogniser, persons: Persons, one: Side, other: Side) -> Comparison:
    """Compare two sides: two people by their means, everything else by the two nearest faces."""
    why = {}
    if one.crop is not None and other.crop is not None:
        why = shares(recogniser.embedder, one.crop, [other.crop])[0]
    generation = gallery.generation
    if one.row is not None and other.row is not None:
        score = float(persons.score(np.array([one.row]), np.array([other.row]))[0])
        same = persons.may_be_one(SamePerson.by_people(generation), one.row, other.row)
        measured = scale(persons).rarity
        likely = interval(measured, score, _of_people(gallery, persons, one.row, other.row))
        return Comparison(score, measured(score), likely, same, why)
    similarity = float((one.vectors @ other.vectors.T).max())
    same = SamePerson.by_faces(generation).holds(similarity)
    rarity = generation.calibration.rarity
    likely = interval(rarity, similarity, sum(_variance(generation, side, similarity) for side in (one, other)))
    return Comparison(similarity, rarity(similarity), likely, same, why)


def _of_people(gallery: GalleryReader, persons: Persons, one: int, other: int) -> float:
    """Variance of the similarity of two people, by all of their photos."""
    shown = [int(persons.face_ids[row]) for row in persons.best_pair(one, other)[:2]]
    known = gallery.queries.faces(shown)
    mine, theirs = (usual_spread(gallery.generation.calibration, known[face]) for face in shown)
    return persons.variance(one, other, (mine, theirs))


def _variance(generation: Generation, side: Side, similarity: float) -> float:
    """Variance that one side's photos bring into the similarity of the two nearest faces."""
    blur = blur_of(side.crop) if len(side.vectors) == 1 and side.crop is not None else None
    usual = generation.calibration.spread_of(blur)
    return variance_of(np.array([similarity], np.float32), usual, int((~repeated(side.vectors)).sum()))


def comparison_as_dict(one: Side, other: Side, found: Comparison) -> dict[str, Any]:
    """Describe a comparison for JSON."""
    return {
        "one": {"name": one.name, "faces": len(one.vectors)},
        "other": {"name": other.name, "faces": len(other.vectors)},
        "similarity": round(found.similarity, 4),
        **rarity_as_dict(found.rarity, found.likely),
        "same_person": found.same_person,
        "why": found.why,
    }
