"""Pictures of many people on one background, whose faces are known: made of drawn people or of photographs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels
from niteru.engine.drawn import Drawing
from niteru.engine.faces.detections import overlap
from niteru.engine.faces.face import Face
from niteru.engine.faces.landmarks_table import find_table, read_table
from niteru.engine.photos.decode import decode
from niteru.engine.photos.faces_folder import list_photos

Boxes = NDArray[np.float32]
SURE, SHARP = 0.97, 70
"""Score, and width in pixels, from which a photographed face is taken."""
AROUND = 0.3
"""Share of a face's longer side that is left around it."""
SAME = 0.4
"""Intersection over union from which a face was found."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A picture, uint8 RGB (height, width, 3), and its faces' boxes: ``x, y, width, height``, float32 (n, 4)."""

    image: Pixels
    boxes: Boxes

    def quarter_turn(self) -> Shown:
        """The same turned counter-clockwise."""
        x, y, width, height = self.boxes.T
        boxes = np.stack([y, self.image.shape[1] - x - width, height, width], axis=1)
        return Shown(np.ascontiguousarray(np.rot90(self.image)), boxes)

    def count(self, faces: Sequence[Face]) -> tuple[int, int]:
        """Number of its faces that were found, and of finds that are none of them."""
        boxes = np.array([face.box for face in faces], np.float32).reshape(-1, 4)
        shared = np.stack([overlap(box, boxes) for box in self.boxes]) if len(self.boxes) else np.zeros((1, len(boxes)))
        found = int((shared.max(axis=1, initial=0) >= SAME).sum())
        return found, int((shared.max(axis=0, initial=0) < SAME).sum())


def drawn_heads(drawings: Sequence[Drawing]) -> list[Shown]:
    """Heads of drawn people."""
    return [_head(Shown(drawing.image, np.array([drawing.box], np.float32))) for drawing in drawings]


def photographed_heads(faces: Path, count: int) -> list[Shown]:
    """Heads from photographs that show one person each, by the ``landmarks.csv`` in their folder or beside it.

    Raises:
        FileNotFoundError: there is no such table.
    """
    table = find_table(faces)
    if table is None:
        raise FileNotFoundError(f"there is no landmarks.csv in {faces} or beside it")
    known, heads = read_table(table), []
    photos = list_photos(faces).photos
    for number in np.random.default_rng(0).permutation(len(photos)):
        seen = known.get(photos[number].on_disk.resolve(), [])
        if len(seen) == 1 and seen[0].score >= SURE and seen[0].box[2] >= SHARP:
            heads.append(_head(Shown(decode(photos[number].path), np.array([seen[0].box], np.float32))))
        if len(heads) == count:
            break
    return heads


def crowd(
    heads: Sequence[Shown], size: tuple[int, int], people: int, widths: tuple[float, float], seed: int = 0
) -> Shown:
    """Put people side by side, each somewhere in a place of its own.

    Args:
        heads: pictures of one face each, taken in turn.
        size: width and height in pixels.
        people: number of faces.
        widths: of the faces, in pixels, from and to.
        seed: decides about places, sizes and background.

    Raises:
        ValueError: a head is too large for its place.
    """
    dice, (width, height) = np.random.default_rng(seed), size
    columns = min(max(people, 1), math.ceil(math.sqrt(max(people, 1) * width / height)))
    rows = math.ceil(max(people, 1) / columns)
    image, boxes = _background(width, height, dice), []
    for number, place in enumerate(dice.permutation(rows * columns)[:people]):
        head = _resized(heads[number % len(heads)], dice.uniform(*widths))
        room = np.array([width // columns - head.image.shape[1], height // rows - head.image.shape[0]])
        if room.min() < 0:
            raise ValueError(f"{people} faces of up to {widths[1]} pixels do not fit into {width}×{height}")
        corner = np.array([place % columns * (width // columns), place // columns * (height // rows)])
        x, y = corner + dice.integers(0, room + 1)
        image[y : y + head.image.shape[0], x : x + head.image.shape[1]] = head.image
        boxes.append(head.boxes[0] + [x, y, 0, 0])
    return Shown(image, np.array(boxes, np.float32).reshape(-1, 4))


def _head(picture: Shown) -> Shown:
    """Cut out one face with some room around it."""
    x, y, width, height = picture.boxes[0].round().astype(int)
    room = round(AROUND * max(width, height))
    left, top = max(0, x - room), max(0, y - room)
    image = picture.image[top : y + height + room, left : x + width + room]
    return Shown(image, picture.boxes - np.array([left, top, 0, 0], np.float32))


def _resized(head: Shown, face_width: float) -> Shown:
    scale = face_width / float(head.boxes[0, 2])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    image = np.asarray(cv2.resize(head.image, None, fx=scale, fy=scale, interpolation=how), np.uint8)
    return replace(head, image=image, boxes=head.boxes * np.float32(scale))


def _background(width: int, height: int, dice: np.random.Generator) -> Pixels:
    """Soft colours with some grain."""
    colours = dice.integers(60, 180, (height // 200 + 2, width // 200 + 2, 3), dtype=np.uint8)
    soft = np.asarray(cv2.resize(colours, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
    grain = dice.integers(0, 16, (height, width, 1), dtype=np.uint8)
    return np.asarray(soft + grain, np.uint8)
