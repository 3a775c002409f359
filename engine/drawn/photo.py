"""Photos of drawn people: pose, light and framing are chosen at random, then all is rendered."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine.drawn.background import paint_background
from niteru.engine.drawn.body import body_mesh, ear_mesh
from niteru.engine.drawn.canvas import linear, texels
from niteru.engine.drawn.clothes import dress, hand, scarf
from niteru.engine.drawn.expression import lid_glint, teeth_shown
from niteru.engine.drawn.eyes import paint_eyes
from niteru.engine.drawn.glasses import glasses_mesh
from niteru.engine.drawn.hair import Lock, grow_hair, loose_strands
from niteru.engine.drawn.identity import Person
from niteru.engine.drawn.mesh import Array
from niteru.engine.drawn.mouth import bare_teeth
from niteru.engine.drawn.render import Camera, Part, render
from niteru.engine.drawn.scalp import shade_scalp
from niteru.engine.drawn.shape import skull_table
from niteru.engine.drawn.stage import Pose, Stage, geometry_of, set_stage
from niteru.engine.drawn.texture import Skin, paint_skin

_SUPER = 1.5
"""Pictures are rendered this many times larger, then shrunk, for smooth edges."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawn photo.

    Attributes:
        image: uint8 (H, W, 3), RGB.
        box: x, y, width and height of the face in pixels, as a face detector would box it.
        landmarks: float32 (5, 2), pixels: the eye on the left of the picture, the other, the tip of the nose, the left
            and the right corner of the mouth.
    """

    image: NDArray[np.uint8]
    box: tuple[int, int, int, int]
    landmarks: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Model:
    """The parts of a person that are the same in all photos."""

    uv: Array
    skin: Skin
    hair: list[Lock]
    ears: list[Array]
    body: Array
    glasses: list[Array]


@lru_cache(maxsize=4)
def _model(person: Person) -> _Model:
    geometry = geometry_of(person)
    layout = geometry.layout
    table = skull_table(person, layout)
    half = float(np.interp(1.5, table[:, 0], table[:, 1]))
    skin = paint_skin(person, layout)
    shade_scalp(skin.albedo, person, layout)
    return _Model(
        uv=texels(geometry.rest),
        skin=skin,
        hair=grow_hair(person, layout),
        ears=[ear_mesh(side, person, half) for side in (-1, 1)],
        body=body_mesh(person),
        glasses=glasses_mesh(person, layout, half),
    )


def _face_part(person: Person, model: _Model, stage: Stage) -> Part:
    albedo, layout = model.skin.albedo.copy(), stage.layout
    bare_teeth(albedo, model.skin.teeth, layout, teeth_shown(stage.face))
    paint_eyes(albedo, person, layout, stage.face.eyes, stage.face.gaze, lid_glint(stage.light.direction))
    return Part(stage.pose.place_head(stage.head), albedo, uv=model.uv, gloss=model.skin.gloss, kind="skin")


def _occluders(person: Person, pose: Pose, rng: np.random.Generator) -> list[Part]:
    """Put a scarf, a hand or loose hair before the face in one photo out of ten."""
    if rng.random() > 0.10:
        return []
    kind = int(rng.integers(3))
    if kind == 0:
        points, cloth = scarf(rng)
        return [Part(pose.place_body(points), cloth, two_sided=True)]
    if kind == 1:
        flesh = np.empty((4, 4, 3), np.float32)
        flesh[:] = linear(person.skin) * 0.92
        return [Part(pose.place_head(points), flesh, gloss=0.1, kind="skin") for points in hand(rng)]
    return [_lock_part(lock, pose) for lock in loose_strands(person, rng)]


def _lock_part(lock: Lock, pose: Pose) -> Part:
    return Part(pose.place_head(lock.points), lock.albedo, keep=lock.keep, flow=lock.flow, kind="hair", two_sided=True)


def _parts(person: Person, stage: Stage, rng: np.random.Generator) -> list[Part]:
    model, pose = _model(person), stage.pose
    clothed, cloth = dress(model.body, linear(person.skin) * 0.93, rng)
    frame = np.empty((4, 4, 3), np.float32)
    frame[:] = linear(person.glasses_colour)
    parts = [_face_part(person, model, stage)]
    for ear in model.ears:
        parts.append(Part(pose.place_head(ear), model.skin.albedo, uv=texels(ear), gloss=0.12, kind="skin"))
    parts.append(Part(pose.place_body(clothed), cloth, gloss=0.015, kind="skin"))
    parts += [Part(pose.place_head(points), frame, gloss=0.9) for points in model.glasses]
    parts += [_lock_part(lock, pose) for lock in model.hair]
    return parts + _occluders(person, pose, rng)


def _finish(rng: np.random.Generator, image: Array) -> NDArray[np.uint8]:
    """Give linear light the look of a photo: vignette, softness, tone curve, grain."""
    rows, columns = image.shape[:2]
    y, x = (
        np.linspace(-1, 1, rows, dtype=np.float32)[:, None],
        np.linspace(-1, 1, columns, dtype=np.float32)[None],
    )
    image = image * (1 - rng.uniform(0, 0.22) * (x**2 + y**2) * 0.6)[..., None]
    blur = float(rng.choice((0.35, 0.5, 0.8, 1.1), p=(0.4, 0.35, 0.2, 0.05)))
    image = np.asarray(cv2.GaussianBlur(image, (0, 0), blur), np.float32)
    # A shoulder in the tone curve keeps highlights from clipping hard.
    image = np.where(image > 0.7, 0.7 + 0.5 * np.tanh((image - 0.7) / 0.5), image)
    srgb = np.power(np.clip(image, 0, 1.0), 1 / 2.2) * 255
    grain = rng.standard_normal((rows, columns)).astype(np.float32) * float(rng.uniform(0.5, 3.5))
    colour = rng.standard_normal((rows // 2 + 1, columns // 2 + 1, 3)).astype(np.float32) * float(rng.uniform(0.3, 2))
    speckle = cv2.resize(colour, (columns, rows))
    return np.asarray(np.clip(srgb + grain[..., None] + speckle + 0.5, 0, 255), np.uint8)


def locate(person: Person, photo: int) -> tuple[tuple[int, int, int, int], NDArray[np.float32]]:
    """Compute the box and the landmarks of a photo in its default size, without the cost of drawing it.

    Args:
        person: the person, from `person`.
        photo: number of the photo.

    Returns:
        The box and the landmarks that `draw` would give.
    """
    stage = set_stage(person, photo, None)
    return stage.box, stage.landmarks


def draw(person: Person, photo: int, size: tuple[int, int] | None = None) -> Drawing:
    """Draw a photo of a person.

    Args:
        person: the person, from `person`.
        photo: number of the photo; the same number gives the same picture.
        size: width and height in pixels; by default 240 to 400 on a side.

    Returns:
        The picture, the face's box and its landmarks.

    Example:
        >>> from niteru.engine.drawn import person
        >>> drawing = draw(person(0), photo=0, size=(240, 300))
        >>> drawing.image.shape, drawing.landmarks.shape
        ((300, 240, 3), (5, 2))
    """
    rng = np.random.default_rng([person.seed, person.number, photo, 0xF1A])
    stage = set_stage(person, photo, size)
    width, height = stage.size
    camera = stage.camera
    fine = Camera(camera.scale * _SUPER, camera.x * _SUPER, camera.y * _SUPER, camera.distance)
    parts = _parts(person, stage, rng)
    # Even sides keep the shrinking exact and so the labels right.
    even = (height + height % 2, width + width % 2)
    image, cover = render(parts, fine, (int(even[0] * _SUPER), int(even[1] * _SUPER)), stage.light)
    small = cv2.resize(image, even[::-1], interpolation=cv2.INTER_AREA)[:height, :width]
    alpha = cv2.resize(cover, even[::-1], interpolation=cv2.INTER_AREA)[:height, :width, None]
    scene = small + paint_background(rng, (height, width)) * (1 - alpha) * float(stage.light.sky.mean() + 0.45)
    return Drawing(_finish(rng, scene), stage.box, stage.landmarks)
