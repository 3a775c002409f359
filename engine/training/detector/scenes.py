"""Random scenes to learn from: real, drawn and pasted faces of all sizes, angles and lights, and much that is none."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels
from niteru.engine.faces.alignment import similarity_transform
from niteru.engine.faces.views import FACE_VIEW, IN_FACE_VIEW
from niteru.engine.training.detector.creatures import creatures
from niteru.engine.training.detector.decoys import Decoy
from niteru.engine.training.detector.labels import LabelledFace, Matrix, targets
from niteru.engine.training.detector.patterns import colour, pattern
from niteru.engine.training.detector.photometry import hide_part, take_photo
from niteru.engine.training.detector.pictures import LabelledPicture, Pictures
from niteru.engine.training.detector.recipe import DetectorRecipe, DetectorStage

LEAST_SIZE = 12.0
"""Size in pixels below which faces are learnt neither as faces nor as background."""
LAYOUTS = ((1, 0.6), (2, 0.27), (3, 0.13))
"""Rows and columns of pictures in a scene, and their probabilities."""
KINDS = (("photo", 0.5), ("crop", 0.14), ("drawn", 0.06), ("paste", 0.1), ("none", 0.2))
MOST_ENLARGED = 2.5
COVERED = 0.7
"""Share of its part of a scene that a photo covers at least: empty margins teach little."""
LEARNT_ROLL, UNSURE_ROLL = 50.0, 75.0
"""Degrees up to which a turned face is a face, and from which it is background: the detector turns the photos."""
TURNED = 0.04
CLEAR, HINTED = 0.65, 0.25
"""Shares of its box inside the picture from which a cut-off face is a face, and from which it may be one."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A picture, uint8 RGB (height, width, 3), and the faces in it."""

    pixels: Pixels
    faces: list[LabelledFace]


class SceneBatches:
    """Batches of square scenes, the same for the same seed and number, so that an interrupted run resumes unchanged.

    Args:
        pictures: labelled pictures to make scenes of.
        recipe: stages, sizes and seed.
    """

    def __init__(self, pictures: Pictures, recipe: DetectorRecipe) -> None:
        self._pictures, self._recipe = pictures, recipe
        self.decoys: list[Decoy] = []

    def batch(self, number: int) -> tuple[NDArray[np.float32], Any]:
        """Make batch ``number``: float32 scenes (batch, side, side, 3) in 0–255, and targets (batch, cells, 17)."""
        rng = np.random.default_rng([self._recipe.seed, number])
        stage = self._recipe.stage_of(number)
        scenes = [self.scene(stage, rng) for _ in range(self._recipe.batch)]
        wanted = [targets(scene.faces, self._recipe.side) for scene in scenes]
        return np.stack([scene.pixels for scene in scenes]).astype(np.float32), np.stack(wanted)

    def scene(self, stage: DetectorStage, rng: np.random.Generator) -> Scene:
        """Make one scene for a stage."""
        side = self._recipe.side
        canvas, faces = np.zeros((side, side, 3), np.uint8), []
        near = rng.random() < stage.second_looks
        many, uneven = (side // FACE_VIEW, 0.0) if near else (int(_drawn_from(LAYOUTS, rng)), 0.15)
        rows, columns = _cuts(side, many, uneven, rng), _cuts(side, many, uneven, rng)
        for top, bottom in itertools.pairwise(rows):
            for left, right in itertools.pairwise(columns):
                size = (bottom - top, right - left)
                part = self._second_look(*size, stage.decoys, rng) if near else self._part(*size, rng)
                canvas[top:bottom, left:right] = part.pixels
                shift = np.array([[1, 0, left], [0, 1, top]], np.float64)
                faces += [face.moved(shift) for face in part.faces]
        return Scene(take_photo(canvas, rng), faces)

    def _part(self, height: int, width: int, rng: np.random.Generator) -> Scene:
        kind = str(_drawn_from(KINDS, rng))
        if kind == "none":
            return Scene(self._faceless(height, width, rng), [])
        if kind == "paste":
            return self._pasted(height, width, rng)
        source = {"photo": self._pictures.photos, "crop": self._pictures.crops, "drawn": self._pictures.drawn}[kind]
        if not source:
            return Scene(self._faceless(height, width, rng), [])
        return _framed(_pick(source, rng), height, width, rng, covered=COVERED if kind == "photo" else 0)

    def _second_look(self, height: int, width: int, decoys: float, rng: np.random.Generator) -> Scene:
        """View a face or a decoy upright in the middle, with the errors of a first pass."""
        if self.decoys and rng.random() < decoys:
            picture, landmarks = self.decoys[int(rng.integers(len(self.decoys)))]
            there = _shaken(similarity_transform(landmarks, IN_FACE_VIEW), rng)
            return _shown(picture.pixels(), picture.faces, there, height, width, rng)
        kind = rng.random()
        if kind < 0.2:
            return Scene(self._faceless(height, width, rng), [])
        if kind < 0.3 and self._pictures.drawn:
            picture = _pick(self._pictures.drawn, rng)
        else:
            picture = _pick(self._pictures.photos if kind < 0.7 else self._pictures.precise_crops, rng)
        main = picture.faces[int(rng.integers(len(picture.faces)))]
        upright = similarity_transform(main.landmarks, IN_FACE_VIEW)
        return _shown(picture.pixels(), picture.faces, _shaken(upright, rng), height, width, rng)

    def _faceless(self, height: int, width: int, rng: np.random.Generator) -> Pixels:
        chance = rng.random()
        if chance < 0.4:
            return pattern(height, width, rng)
        ground = pattern(height, width, rng) if rng.random() < 0.5 else self._background(height, width, rng)
        return creatures(ground, rng) if chance < 0.7 else self._background(height, width, rng)

    def _background(self, height: int, width: int, rng: np.random.Generator) -> Pixels:
        """Cut out a part of a photo without faces, such as walls, clothes, hands or hair."""
        picture = _pick(self._pictures.photos, rng)
        pixels = picture.pixels()
        for _ in range(10):
            high, wide = (int(v * rng.uniform(0.15, 0.8)) for v in pixels.shape[:2])
            y, x = int(rng.integers(pixels.shape[0] - high)), int(rng.integers(pixels.shape[1] - wide))
            if high > 8 and wide > 8 and not any(_touches(face, x, y, wide, high) for face in picture.faces):
                part = pixels[y : y + high, x : x + wide]
                return cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]
        return pattern(height, width, rng)

    def _pasted(self, height: int, width: int, rng: np.random.Generator) -> Scene:
        """Paste faces, and pieces without a face, onto a background in the same way."""
        ground = self._faceless(height, width, rng).copy()
        faces: list[LabelledFace] = []
        for _ in range(int(rng.integers(1, 4))):
            size = float(np.exp(rng.uniform(np.log(20), np.log(0.9 * min(height, width)))))
            size_px, x, y = int(size), int(rng.integers(width - int(size))), int(rng.integers(height - int(size)))
            if any(_touches(face, x, y, size_px, size_px) for face in faces):
                continue
            if rng.random() < 0.6 and self._pictures.crops:
                piece = _framed(_pick(self._pictures.crops, rng), size_px, size_px, rng, filling=0.75)
            else:
                piece = Scene(self._faceless(size_px, size_px, rng), [])
            mask = _mask(size_px, rng)
            spot = ground[y : y + size_px, x : x + size_px]
            spot[:] = (spot * (1 - mask) + piece.pixels * mask).astype(np.uint8)
            shift = np.array([[1, 0, x], [0, 1, y]], np.float64)
            faces += [face.moved(shift) for face in piece.faces]
        return Scene(ground, faces)


def _framed(
    picture: LabelledPicture,
    height: int,
    width: int,
    rng: np.random.Generator,
    filling: float | None = None,
    covered: float = 0,
) -> Scene:
    """Show a part of a picture around one of its faces, at a random size, angle and place."""
    pixels, short = picture.pixels(), min(height, width)
    main = picture.faces[int(rng.integers(len(picture.faces)))]
    wanted = (
        short * filling if filling else float(np.exp(rng.uniform(np.log(min(14, short / 2)), np.log(1.05 * short))))
    )
    scale = min(max(wanted / main.size, covered * short / min(pixels.shape[:2])), MOST_ENLARGED)
    matrix = _frame(main, scale, _turn(main, rng), height, width, rng)
    return _shown(pixels, picture.faces, matrix, height, width, rng)


def _shaken(upright: Matrix, rng: np.random.Generator) -> Matrix:
    """Add the errors of a first pass to the second pass's matrix, in place, size and angle, and mirror half of them."""
    angle, size = np.radians(rng.normal(0, 6)), np.exp(rng.normal(0, 0.1))
    mirror = rng.choice([-1.0, 1.0])
    cosine, sine = size * np.cos(angle), size * np.sin(angle)
    shake = np.array([[cosine * mirror, -sine], [sine * mirror, cosine]])
    middle = np.full(2, FACE_VIEW / 2)
    shift = middle + rng.normal(0, 4, 2) + shake @ (upright[:, 2] - middle)
    return np.column_stack([shake @ upright[:, :2], shift])


def _shown(
    pixels: Pixels,
    faces: tuple[LabelledFace, ...],
    matrix: Matrix,
    height: int,
    width: int,
    rng: np.random.Generator,
) -> Scene:
    """Show a picture mapped by a matrix, sometimes with something before the face."""
    shown = _warp(pixels, matrix, height, width, rng)
    moved = [face.moved(matrix) for face in faces]
    kept = [known for face in moved if (known := _learnable(face, height, width)) is not None]
    if kept and rng.random() < 0.1:
        hide_part(shown, kept[0], rng)
    return Scene(shown, kept)


def _turn(main: LabelledFace, rng: np.random.Generator) -> float:
    """Draw the angle by which to turn a picture, in degrees."""
    if rng.random() < TURNED:
        return float(rng.choice([90, 180, 270]))
    roll = rng.uniform(-UNSURE_ROLL + 20, UNSURE_ROLL - 20) if rng.random() < 0.35 else main.roll + rng.normal(0, 12)
    return float(roll - main.roll)


def _frame(main: LabelledFace, scale: float, turn: float, height: int, width: int, rng: np.random.Generator) -> Matrix:
    """Matrix that moves the main face to a random place, nearer to the middle the larger the face."""
    angle, mirror = np.radians(turn), rng.choice([-1.0, 1.0])
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    matrix = np.array([[cosine * mirror, -sine, 0], [sine * mirror, cosine, 0]], np.float64)
    frame = np.array([width, height])
    room = np.maximum(frame - main.size * scale, 0.15 * frame) / 2
    matrix[:, 2] = frame / 2 + rng.uniform(-room, room) - matrix[:, :2] @ main.centre
    return matrix


def _warp(pixels: Pixels, matrix: Matrix, height: int, width: int, rng: np.random.Generator) -> Pixels:
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if scale < 0.6:
        # A warp samples single pixels: average down first.
        factor = scale * 1.2
        before = pixels.shape
        pixels = np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = matrix.copy()
        matrix[:, :2] = matrix[:, :2] * (before[1] / pixels.shape[1], before[0] / pixels.shape[0])
    edge = int(rng.choice([cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE]))
    return cv2.warpAffine(  # type: ignore[return-value]
        pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=edge, borderValue=colour(rng)
    )


def _learnable(face: LabelledFace, height: int, width: int) -> LabelledFace | None:
    """The face, marked as unsure if it may not be recognisable; None if it must not be taken for a face."""
    x, y, wide, high = face.box
    inside = max(0.0, min(x + wide, width) - max(x, 0)) * max(0.0, min(y + high, height) - max(y, 0))
    share, roll = inside / (wide * high), abs(face.roll)
    if share < HINTED or roll >= UNSURE_ROLL:
        return None
    return replace(face, sure=face.sure and share >= CLEAR and roll <= LEARNT_ROLL + 8 and face.size >= LEAST_SIZE)


def _mask(size: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Opacity of a pasted piece, float32 (size, size, 1): full, an oval, or fading towards the edges."""
    kind = rng.integers(3)
    mask = np.ones((size, size), np.float32)
    if kind == 1:
        mask = np.zeros((size, size), np.float32)
        cv2.ellipse(mask, (size // 2, size // 2), (int(size * 0.42), int(size * 0.5)), 0, 0, 360, 1.0, -1)
    if kind:
        mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.5, size * rng.uniform(0.01, 0.08))), np.float32)
    return mask[..., None]


def _touches(face: LabelledFace, x: int, y: int, width: int, height: int) -> bool:
    left, top, wide, high = face.box
    margin = 0.15 * face.size
    return bool(
        x < left + wide + margin and left - margin < x + width and y < top + high + margin and top - margin < y + height
    )


def _cuts(side: int, many: int, uneven: float, rng: np.random.Generator) -> list[int]:
    """Cut a side into ``many`` parts, each cut up to a share ``uneven`` of a part away from the even one."""
    inner = [int(side * (i + rng.uniform(-uneven, uneven)) / many) for i in range(1, many)]
    return [0, *inner, side]


def _drawn_from(odds: tuple[tuple[Any, float], ...], rng: np.random.Generator) -> Any:
    names, chances = zip(*odds, strict=True)
    return names[int(rng.choice(len(names), p=chances))]


def _pick(pictures: list[LabelledPicture], rng: np.random.Generator) -> LabelledPicture:
    return pictures[int(rng.integers(len(pictures)))]
