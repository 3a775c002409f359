"""Two people, or two faces, beside one another: how alike, how rarely, and why."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from engine.photo import Pixels, read_bytes
from engine.pooling import robust_mean
from engine.regions import shares
from indexer.gallery import Gallery
from indexer.persons import OnePerson, everybody
from indexer.resemblance import scale
from serve.drawing import ACCENT, INK, LINE, MARGIN, PAPER, SOFT, WIDTH, paste_face, write_line
from serve.galleries import Eyes
from serve.probe import from_gallery, from_uploads
from serve.problems import ImageNotFound
from serve.rarity import rarity_in_words

FACE, BAR = 450, 40


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of the two: name, unit vector (float32), a crop to show; ``whole`` if somebody with all their faces."""

    name: str
    vector: NDArray[np.float32]
    crop: Pixels | None
    faces: int = 1
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """How alike, the share of different pairs that are as alike, whether that is one person's, and why.

    Two people as the report compares them, among pairs of people; faces by their cosine, among pairs of faces.
    """

    similarity: float
    rarity: float
    same_person: bool
    why: dict[str, float]


def side(gallery: Gallery, eyes: Eyes, said: str) -> Side:
    """Somebody by name, a face of the gallery by REF, or a photo in a file.

    Raises:
        ImageNotFound: it is none of them.
        PhotoError, NoFaceFound, FaceTooSmall: a file that shows no face.
    """
    name = unicodedata.normalize("NFC", said)
    own = gallery.catalog.faces_of_person(name)
    if own:
        vectors = [(face.id, gallery.vector(face.id)) for face in own]
        known = [(face, vector) for face, vector in vectors if vector is not None]
        mean = robust_mean(np.stack([vector for _, vector in known]))
        typical = max(known, key=lambda one: float(one[1] @ mean))[0]
        return Side(name, mean, gallery.crop(typical), len(known), whole=True)
    if gallery.resolve(said) is None and Path(said).is_file():
        probe = from_uploads(eyes, [read_bytes(Path(said))], "largest")
        return Side(Path(said).name, probe.vector, probe.crop)
    try:
        probe = from_gallery(gallery, said)
    except ImageNotFound:
        raise ImageNotFound(f"{said} is nobody in {gallery.folder}, no photo there, no face:ID, and no file") from None
    return Side(probe.person or said, probe.vector, gallery.crop(probe.face["id"]))


def compare(gallery: Gallery, eyes: Eyes, one: Side, other: Side) -> Comparison:
    """How alike two are."""
    why = {}
    if one.crop is not None and other.crop is not None:
        why = shares(eyes.embedder, one.crop, [other.crop])[0]
    calibration = gallery.generation.calibration
    if one.whole and other.whole:
        persons = everybody(gallery)
        mine, theirs = (persons.names.index(some.name) for some in (one, other))
        score = float(persons.score(np.array([mine]), np.array([theirs]))[0])
        same = OnePerson(persons, calibration).under(persons, mine, theirs)
        return Comparison(score, scale(persons).rarity(score), same, why)
    similarity = float(one.vector @ other.vector)
    same = similarity >= calibration.same_person(one.faces * other.faces)
    return Comparison(similarity, calibration.rarity(similarity), same, why)


def as_json(one: Side, other: Side, found: Comparison) -> dict[str, Any]:
    """For programs."""
    return {
        "one": {"name": one.name, "faces": one.faces},
        "other": {"name": other.name, "faces": other.faces},
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
