"""Pose, light and framing of a photo, chosen before it is rendered, and the labels that follow from them."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from niteru.engine.drawn.beard import beard_mask
from niteru.engine.drawn.expression import Expression, express, sample_expression
from niteru.engine.drawn.identity import Person
from niteru.engine.drawn.layout import Layout, layout_of
from niteru.engine.drawn.mesh import Array, ramp
from niteru.engine.drawn.render import Camera
from niteru.engine.drawn.shading import Light
from niteru.engine.drawn.shape import Anchors, anchors_of, head_mesh

_BOX_TOP, _BOX_DEPTH = -7.0, 2.2
"""A face detector's box holds the points below this height and before this depth, in centimetres."""
_PIVOT = np.array([0, 8.5, -2.0], np.float32)
"""The head turns about the top of the neck."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """A person's face as points, enough to place the landmarks."""

    layout: Layout
    rest: Array
    head: Array
    anchors: Anchors


@lru_cache(maxsize=64)
def geometry_of(person: Person) -> Geometry:
    """Model a face, cached because every photo of the person needs it."""
    layout = layout_of(person)
    rest = head_mesh(person, layout)
    head = rest.copy()
    if person.beard in ("goatee", "full", "moustache"):
        # A beard stands off the skin, most at the chin.
        x, y = np.ascontiguousarray(rest[..., 0]), np.ascontiguousarray(rest[..., 1])
        grown = cv2.GaussianBlur(beard_mask(x, y, layout)[person.beard], (0, 0), 2) * (rest[..., 2] > 0)
        head[..., 2] += grown * (0.25 + 0.55 * ramp(y, 7.5, 11.0))
        head[..., 1] += grown * 0.5 * ramp(y, 9.0, 11.5)
    return Geometry(layout, rest, head, anchors_of(head, layout))


def _turn(yaw: float, pitch: float, roll: float) -> Array:
    """Compose a rotation matrix, float32 (3, 3), from angles in degrees."""
    a, b, c = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_x @ about_y, np.float32)


@dataclass(frozen=True, slots=True)
class Pose:
    """Rotation matrices of head and body, float32 (3, 3) each."""

    head: Array
    body: Array

    def place_head(self, points: Array) -> Array:
        """Turn points of the head, float32 (..., 3), into the camera's frame."""
        return np.asarray((points - _PIVOT) @ self.head.T, np.float32)

    def place_body(self, points: Array) -> Array:
        """Turn points of the body; the neck follows the head at its top and the body at its foot."""
        loose = ramp(points[..., 1], 8.5, 15.0)[..., None]
        held = (points - _PIVOT) @ self.head.T
        free = (points - _PIVOT) @ self.body.T
        return np.asarray(held + (free - held) * loose, np.float32)


def _sample_pose(rng: np.random.Generator) -> Pose:
    yaw = float(np.clip(rng.normal(0, 17), -36, 36))
    pitch = float(np.clip(rng.normal(0, 6.5), -15, 15))
    roll = float(np.clip(rng.normal(0, 7), -20, 20))
    body = _turn(0.3 * yaw + rng.normal(0, 10), 0, 0.2 * roll)
    return Pose(_turn(yaw, pitch, roll), body)


def _sample_light(rng: np.random.Generator) -> Light:
    side, height = rng.uniform(-65, 65), rng.uniform(5, 55)
    a, b = np.radians(side), np.radians(height)
    direction = np.array([np.sin(a) * np.cos(b), -np.sin(b), np.cos(a) * np.cos(b)], np.float32)
    warm = rng.normal(0, 0.10)
    tint = np.array([1 + warm, 1 + 0.15 * warm, 1 - warm], np.float32)
    soft = rng.uniform(0.15, 0.85)
    level = float(np.exp(rng.normal(0, 0.13)))
    key = tint * level * (1.12 - 0.50 * soft)
    cool = np.array([1 - 0.4 * warm, 1, 1 + 0.5 * warm], np.float32)
    sky = cool * level * (0.28 + 0.42 * soft)
    return Light(direction, key, sky, sky * np.float32(rng.uniform(0.35, 0.75)), float(0.9 - 0.5 * soft))


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that is chosen before rendering, with the box and the landmarks that follow from it."""

    size: tuple[int, int]
    layout: Layout
    face: Expression
    pose: Pose
    light: Light
    head: Array
    camera: Camera
    box: tuple[int, int, int, int]
    landmarks: Array


def set_stage(person: Person, photo: int, size: tuple[int, int] | None) -> Stage:
    """Choose everything about a photo that bears on the position of the face.

    Args:
        person: the person.
        photo: number of the photo.
        size: width and height in pixels; None for a random size.
    """
    rng = np.random.default_rng([person.seed, person.number, photo, 0xD4A])
    width, height = size or _sample_size(rng)
    geometry = geometry_of(person)
    face, pose, light = sample_expression(rng), _sample_pose(rng), _sample_light(rng)
    head = express(geometry.head, geometry.layout, face)
    spots = head[geometry.anchors.row, geometry.anchors.column] + geometry.anchors.offset
    rim = (
        (geometry.rest[..., 1] > _BOX_TOP)
        & (geometry.rest[..., 1] < geometry.layout.chin_y - 0.35)
        & (geometry.rest[..., 2] > _BOX_DEPTH)
    )
    outline = pose.place_head(head[rim])
    camera = _frame(rng, (height, width), outline)
    edge = camera.project(outline)[:, :2]
    low, high = np.floor(edge.min(axis=0)).astype(int), np.ceil(edge.max(axis=0)).astype(int)
    box = (int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))
    marks = camera.project(pose.place_head(spots))[:, :2]
    return Stage((width, height), geometry.layout, face, pose, light, head, camera, box, marks)


def _frame(rng: np.random.Generator, shape: tuple[int, int], outline: Array) -> Camera:
    """Choose scale and place so that the face is well inside the picture."""
    distance = float(rng.uniform(65, 130))
    unit = Camera(1.0, 0.0, 0.0, distance).project(outline)
    low, high = unit[:, :2].min(axis=0), unit[:, :2].max(axis=0)
    share = float(rng.triangular(0.27, 0.42, 0.58))
    scale = min(share * shape[0] / (high[1] - low[1]), 0.62 * shape[1] / (high[0] - low[0]))
    size = (high - low) * scale
    room = np.array([shape[1], shape[0]]) - size
    place = np.array([np.clip(rng.normal(0.5, 0.13), 0.18, 0.82), np.clip(rng.normal(0.42, 0.09), 0.22, 0.62)])
    origin = room * place - low * scale
    return Camera(float(scale), float(origin[0]), float(origin[1]), distance)


def _sample_size(rng: np.random.Generator) -> tuple[int, int]:
    """Draw a random size, width and height in pixels, mostly upright."""
    long_, short = int(rng.integers(300, 401)), int(rng.integers(240, 311))
    return (short, max(long_, short)) if rng.random() < 0.8 else (long_, short)
