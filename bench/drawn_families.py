"""Drawn families and their photos: parents, grown children who take after both, alone and all in one picture."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.crowds import SAME, Shown, crowd, drawn_heads
from niteru.engine import Pixels
from niteru.engine.drawn import Person, draw, person
from niteru.engine.drawn.identity import Shape
from niteru.engine.drawn.palettes import SEX_MEANS
from niteru.engine.faces.detections import overlap
from niteru.engine.faces.extraction import faces_in, process_detector
from niteru.engine.work.progress import progress_bar
from niteru.engine.work.usable_cores import usable_cores

CHILDREN = 2
ALONE, TOGETHER = 3, 5
"""Photos of each person alone, and of each family."""
_INHERITED = 0.8
"""Share of a child's features that is its parents'."""
_PLACE, _WIDTHS = (280, 420), (90.0, 130.0)
"""Width and height of the picture for each person in it, and widths of the faces, in pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class FamilyPhotos:
    """Faces found in the photos: crops, uint8 RGB (n, 112, 112, 3), and of each the person and the photo's number."""

    crops: Pixels
    people: NDArray[np.str_]
    photos: NDArray[np.int64]


def family(number: int, seed: int = 0) -> list[Person]:
    """Two parents who are not related, and their children."""
    mother, father = person(8 * number + 2, seed), person(8 * number + 3, seed)
    return [mother, father, *(_child(person(8 * number + 4 + one, seed), mother, father) for one in range(CHILDREN))]


def photograph(families: int, seed: int = 0) -> FamilyPhotos:
    """Draw families and find the faces in their photos."""
    found = list[tuple[Pixels, str, int]]()
    everybody = [member for number in range(families) for member in family(number, seed)]
    with ProcessPoolExecutor(usable_cores()) as pool, progress_bar("families", len(everybody), "person") as bar:
        heads = list[list[Shown]]()
        for drawn in pool.map(_heads, everybody):
            heads.append(drawn)
            bar.update()
    count, photo = len(everybody) // families, 0
    for start in range(0, len(everybody), count):
        members, theirs = everybody[start : start + count], heads[start : start + count]
        shown: list[tuple[list[Person], list[Shown]]]
        shown = [([member], [own[one]]) for member, own in zip(members, theirs, strict=True) for one in range(ALONE)]
        shown += [(members, [own[one] for own in theirs]) for one in range(ALONE, ALONE + TOGETHER)]
        for people, own in shown:
            found += [(crop, name, photo) for crop, name in _faces(people, own, photo)]
            photo += 1
    crops, names, photos = zip(*found, strict=True)
    return FamilyPhotos(np.stack(crops), np.array(names), np.array(photos))


def _heads(who: Person) -> list[Shown]:
    return drawn_heads([draw(who, photo) for photo in range(ALONE + TOGETHER)])


def _faces(people: list[Person], heads: list[Shown], photo: int) -> list[tuple[Pixels, str]]:
    """Crops found in a picture of these people, and whose each is; who is not found is left out."""
    picture = crowd(heads, (_PLACE[0] * len(heads), _PLACE[1]), len(heads), _WIDTHS, photo)
    found = []
    for one in faces_in(picture.image, process_detector(crops=False)):
        shared = overlap(np.array(one.face.box, np.float32), picture.boxes)
        if shared.max() >= SAME:
            found.append((one.crop, people[int(shared.argmax())].name))
    return found


def _child(own: Person, mother: Person, father: Person) -> Person:
    """A person with features of both parents."""
    dice = np.random.default_rng([own.seed, own.number, 0xC41])

    def parent() -> Person:
        return (mother, father)[int(dice.integers(2))]

    values: dict[str, Any] = {}
    for name in (one.name for one in fields(Shape)):
        giver = parent()
        shift = SEX_MEANS[own.sex].get(name, 0.0) - SEX_MEANS[giver.sex].get(name, 0.0)
        values[name] = _INHERITED * (getattr(giver.shape, name) + shift) + (1 - _INHERITED) * getattr(own.shape, name)
    skin, hair, eyes, lid = parent().skin, parent().hair_colour, parent().eye_colour, parent().lid_fold
    return replace(own, shape=Shape(**values), skin=skin, hair_colour=hair, eye_colour=eyes, lid_fold=lid)
