"""Two people, or two faces, beside one another: how alike, how rarely, and why."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from niteru.engine import Pixels, Vectors
from niteru.engine.embedding.regions import shares
from niteru.engine.photos.decode import (
    read_bytes,
)
from niteru.indexer.ask.persons import OnePerson, Persons
from niteru.indexer.ask.resemblance import scale
from niteru.indexer.gallery import GalleryReader
from niteru.serve.http.live_gallery import Recogniser
from niteru.serve.http.probe import from_gallery, from_uploads
from niteru.serve.http.problems import ImageNotFound
from niteru.serve.pictures.drawing import ACCENT, INK, LINE, MARGIN, PAPER, SOFT, WIDTH, paste_face, write_line
from niteru.serve.pictures.rarity import rarity_in_words

FACE, BAR = 450, 40


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


def side(gallery: GalleryReader, eyes: Recogniser, persons: Persons, said: str) -> Side:
    """Somebody by name, a face of the gallery by REF, or a photo in a file.

    Raises:
        ImageNotFound: it is none of them.
        PhotoError, NoFaceFound, FaceTooSmall: a file that shows no face.
    """
    name = unicodedata.normalize("NFC", said)
    if name in persons.names:
        row = persons.names.index(name)
        crop = gallery.crop(int(persons.face_ids[persons.portrait(row)]))
        return Side(name, persons.faces[persons.rows(row)], crop, row)
    if gallery.resolve(said) is None and Path(said).is_file():
        probe = from_uploads(eyes, [read_bytes(Path(said))], "largest")
        return Side(Path(said).name, probe.vector[None], probe.crop)
    try:
        probe = from_gallery(gallery, said)
    except ImageNotFound:
        raise ImageNotFound(f"{said} is nobody in {gallery.name}, no photo there, no face:ID, and no file") from None
    return Side(probe.person or said, probe.vector[None], gallery.crop(probe.face["id"]))


def compare(gallery: GalleryReader, eyes: Recogniser, persons: Persons, one: Side, other: Side) -> Comparison:
    """How alike two are."""
    why = {}
    if one.crop is not None and other.crop is not None:
        why = shares(eyes.embedder, one.crop, [other.crop])[0]
    calibration = gallery.generation.calibration
    if one.row is not None and other.row is not None:
        score = float(persons.score(np.array([one.row]), np.array([other.row]))[0])
        same = OnePerson(persons, calibration).under(persons, one.row, other.row)
        return Comparison(score, scale(persons).rarity(score), same, why)
    similarity = float((one.vectors @ other.vectors.T).max())
    same = similarity >= calibration.same_person(len(one.vectors) * len(other.vectors))
    return Comparison(similarity, calibration.rarity(similarity), same, why)


def as_json(one: Side, other: Side, found: Comparison) -> dict[str, Any]:
    """For programs."""
    return {
        "one": {"name": one.name, "faces": len(one.vectors)},
        "other": {"name": other.name, "faces": len(other.vectors)},
        "similarity": round(found.similarity, 4),
        "rarity": float(f"{found.rarity:.3g}"),
        "same_person": found.same_person,
        "why": found.why,
    }


def draw(one: Side, other: Side, found: Comparison) -> Image.Image:
    """The two faces, their names, how rare it is, and a bar for each part that has to do with it."""
    parts = sorted(((part, name) for name, part in found.why.items() if part >= 0.005), reverse=True)
    top = MARGIN + FACE + 200
    picture = Image.new("RGB", (WIDTH, top + len(parts) * (BAR + 16) + MARGIN + 40), PAPER)
    pen = ImageDraw.Draw(picture)
    for left, some in ((MARGIN, one), (WIDTH - MARGIN - FACE, other)):
        paste_face(picture, some.crop, (left, MARGIN), FACE)
    write_line(pen, (WIDTH // 2, MARGIN + FACE + 30), f"{one.name}  ·  {other.name}", 48, INK, bold=True, centred=True)
    verdict = "probably the same person" if found.same_person else rarity_in_words(found.rarity)
    write_line(pen, (WIDTH // 2, MARGIN + FACE + 105), verdict, 38, SOFT, centred=True)
    for row, (part, name) in enumerate(parts):
        y = top + row * (BAR + 16)
        write_line(pen, (MARGIN, y), name, 32, INK)
        pen.rounded_rectangle((MARGIN + 200, y, WIDTH - MARGIN - 100, y + BAR), BAR // 2, LINE)
        length = (WIDTH - 2 * MARGIN - 300) * part
        pen.rounded_rectangle((MARGIN + 200, y, MARGIN + 200 + max(length, BAR), y + BAR), BAR // 2, ACCENT)
        write_line(pen, (WIDTH - MARGIN - 85, y), f"{part:.0%}", 32, SOFT)
    write_line(pen, (WIDTH // 2, picture.height - 50), "niteru", 28, SOFT, centred=True)
    return picture
