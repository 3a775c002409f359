"""Comparison of two people, or of two faces: how alike they are, how rare that is, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from niteru.engine import Pixels, Vectors
from niteru.engine.embedding.regions import shares
from niteru.engine.faces.quality import blur_of
from niteru.indexer.ask.asking import compared_with
from niteru.indexer.ask.how_sure import Interval, interval, rarity_as_dict, variance_of
from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.ask.persons import repeated
from niteru.indexer.ask.portraits import Portrait, portrait_by_id
from niteru.indexer.ask.probe import Probe, published_faces
from niteru.indexer.ask.rarity_in_words import grade, one_in
from niteru.indexer.ask.same_person import SamePerson
from niteru.indexer.gallery import GalleryReader
from niteru.indexer.generations.generation import Generation


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One side of a comparison.

    Attributes:
        name: of the person, or of the photo's file.
        probe: whose side it is.
        vectors: unit vectors of its faces, float32 (n, dimension).
        crop: aligned face, uint8 RGB (112, 112, 3); None if the gallery has lost it.
        portrait: the same face to look at; None if it was not wanted, or is lost.
        known: whether it is of the gallery, and no photo from elsewhere.
    """

    name: str
    probe: Probe
    vectors: Vectors
    crop: Pixels | None
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


def side_of(gallery: GalleryReader, probe: Probe, called: str = "photo", portrait: int = 0) -> Side:
    """Side for a person, for a face of the gallery, or for a photo from anywhere.

    Args:
        gallery: the gallery to look in.
        probe: the person, the face or the photo.
        called: what a photo from elsewhere is called.
        portrait: side of the portrait to make of a face of the gallery, in pixels; 0 for none.
    """
    if probe.crop is not None:
        return Side(called, probe, probe.vector[None], probe.crop, probe.portrait, known=False)
    face, vectors = probe.face["id"], probe.vector[None]
    if probe.asked == "person":
        faces = [row.id for row in published_faces(gallery, str(probe.person))]
        vectors = gallery.generation.vectors(np.array(faces))
    shown = portrait_by_id(gallery, face, portrait) if portrait else None
    return Side(probe.person or called, probe, vectors, gallery.crop(face), shown)


def compare(live: LiveGallery, gallery: GalleryReader, one: Side, other: Side, *, explain: bool = True) -> Comparison:
    """Compare two sides: two people by their means, everything else by the two nearest faces.

    Args:
        live: keeps everybody ready to be compared, and has the model.
        gallery: opened by it, or another reader of it.
        one: the first side.
        other: the second.
        explain: whether it is told where the likeness lies; some 30 ms.

    Raises:
        PersonWithoutFace: the index has no face of a person any more.
    """
    why = {}
    if explain and one.crop is not None and other.crop is not None:
        embedder = live.recogniser(gallery.generation).embedder
        with live.cores:
            why = shares(embedder, one.crop, [other.crop])[0]
    if one.probe.asked == other.probe.asked == "person":
        found = compared_with(live, gallery, one.probe, str(other.probe.person)).results[0]
        return Comparison(found.similarity, found.rarity, found.likely, found.same_person, why)
    generation = gallery.generation
    similarity = float((one.vectors @ other.vectors.T).max())
    same = SamePerson.by_faces(generation).holds(similarity)
    rarity = generation.calibration.rarity
    likely = interval(rarity, similarity, sum(_variance(generation, side, similarity) for side in (one, other)))
    return Comparison(similarity, rarity(similarity), likely, same, why)


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
        "one_in": one_in(found.rarity),
        "grade": grade(found.rarity),
        "same_person": found.same_person,
        "why": found.why,
    }
