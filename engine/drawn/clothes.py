"""Clothes, and the scarf or hand that sometimes hides part of a face."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine.drawn.canvas import linear
from niteru.engine.drawn.mesh import Array, noise, ramp, ring_mesh, rings_of, tube

_SHEET = (300, 340)
_COLOURS = (
    (0.10, 0.12, 0.18),
    (0.85, 0.84, 0.80),
    (0.35, 0.10, 0.12),
    (0.20, 0.33, 0.30),
    (0.45, 0.52, 0.62),
    (0.12, 0.12, 0.12),
    (0.62, 0.50, 0.34),
    (0.70, 0.38, 0.30),
    (0.24, 0.26, 0.44),
    (0.80, 0.70, 0.55),
    (0.55, 0.60, 0.50),
    (0.75, 0.55, 0.62),
    (0.50, 0.13, 0.22),
    (0.16, 0.28, 0.42),
)


def _pattern(rng: np.random.Generator, x: NDArray[Any], y: NDArray[Any]) -> Array:
    first, second = (linear(_COLOURS[int(k)]) for k in rng.choice(len(_COLOURS), 2, replace=False))
    kind = str(rng.choice(("plain", "plain", "plain", "stripes", "check", "knit")))
    mix = np.zeros_like(x)
    if kind == "stripes":
        mix = ramp(np.sin(y * rng.uniform(1.5, 3.5)), 0.1, 0.3)
    elif kind == "check":
        rate = rng.uniform(1.2, 2.2)
        mix = 0.5 * ramp(np.sin(y * rate), 0.1, 0.3) + 0.5 * ramp(np.sin(x * rate), 0.1, 0.3)
    image = first + (second - first) * mix[..., None]
    if kind == "knit":
        image = image * (1 + 0.22 * np.sin(x * 9) * np.sin(y * 7 + np.abs(np.sin(x * 4.5)) * 2))[..., None]
    return np.asarray(image, np.float32)


def dress(body: Array, skin: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Put a garment on a body.

    Args:
        body: float32 (n, m, 3), the mesh of `body.body_mesh`.
        skin: float32 (3,), linear colour of the neck.
        rng: the photo's source of randomness.

    Returns:
        The clothed body, float32 (n, m, 3), and its texture over the grid, float32 (rows, columns, 3).
    """
    place = cv2.resize(body, _SHEET[::-1], interpolation=cv2.INTER_LINEAR)
    x, y, z = place[..., 0], place[..., 1], place[..., 2]
    cut = str(rng.choice(("crew", "crew", "vee", "shirt", "high", "wide")))
    low, slope = {
        "crew": (15.6, 0.0),
        "vee": (15.4, 4.6),
        "shirt": (14.2, 4.2),
        "high": (11.8, 0.0),
        "wide": (16.4, 1.5),
    }[cut]
    neck = low + slope * np.clip(1 - np.abs(x) / 5.0, 0, 1) + 0.12 * np.clip(z + 2, 0, 8)
    cloth = ramp(y - neck, -0.06, 0.06)
    folds = noise(rng, _SHEET, (90, 26)) + 0.4 * noise(rng, _SHEET, (50, 12))
    weave = 1 + 0.05 * rng.standard_normal(_SHEET).astype(np.float32) + 0.03 * folds
    garment = _pattern(rng, x, y) * weave[..., None]
    seam = np.exp(-(((y - neck - 0.75) / 0.14) ** 2)) * 0.35 + np.exp(-(((y - neck) / 0.22) ** 2)) * 0.25
    if cut == "shirt":
        seam = seam + 0.5 * np.exp(-((x / 0.12) ** 2)) * (y > neck + 0.5)
    garment *= (1 - np.clip(seam, 0, 0.8))[..., None]
    flesh = skin * (1 + 0.03 * noise(rng, _SHEET, (30, 30)))[..., None]
    texture = flesh + (garment - flesh) * cloth[..., None]
    coarse = cv2.resize(cloth, body.shape[1::-1], interpolation=cv2.INTER_AREA)
    bulge = cv2.resize(folds, body.shape[1::-1], interpolation=cv2.INTER_AREA)
    outward = body - np.array([0, 0, -3], np.float32)
    outward[..., 1] = 0
    outward /= np.linalg.norm(outward, axis=2, keepdims=True) + 1e-6
    clothed = body + outward * (coarse * (0.45 + 0.16 * bulge))[..., None]
    return clothed.astype(np.float32), texture.astype(np.float32)


def scarf(rng: np.random.Generator) -> tuple[Array, Array]:
    """Wind a scarf about neck and chin; returns its mesh and texture as `dress` does."""
    top = rng.uniform(8.6, 9.8)
    table = np.array(
        [(top, 8.0, 10.6, -9.0, 0.0), (top + 0.6, 8.6, 11.2, -9.6, 0.0), (top + 3.5, 9.0, 11.0, -10.0, -0.5),
         (16.5, 9.5, 9.5, -10.0, -1.5), (20.0, 12.0, 8.0, -9.0, -3.0)]
    )  # fmt: skip
    angle = np.linspace(-np.pi / 1.6, np.pi / 1.6, 90, dtype=np.float32)
    points = ring_mesh(rings_of(table, 70, 2.0), angle, 2.1)
    folds = noise(rng, (70, 90), (9, 60)) + 0.5 * noise(rng, (70, 90), (5, 30))
    points[..., 2] += 0.35 * folds
    points[..., 0] *= 1 + 0.02 * folds
    points[..., 1] += 1.0 * np.sin(angle + rng.uniform(-1, 1))[None]
    place = cv2.resize(points, _SHEET[::-1])
    weave = 1 + 0.08 * rng.standard_normal(_SHEET).astype(np.float32)
    return points, (_pattern(rng, place[..., 0], place[..., 1]) * weave[..., None]).astype(np.float32)


def hand(rng: np.random.Generator) -> list[Array]:
    """Lay the fingers of a hand on the chin or cheek; returns their meshes, head's frame."""
    side = float(rng.choice((-1.0, 1.0)))
    t = np.linspace(0, 1, 40, dtype=np.float32)
    root, tip = np.array([side * 9.5, 15.5, 8.5]), np.array([side * 5.4, 6.6, 8.9])
    meshes: list[Array] = []
    for k in range(4):
        spread = np.array([-side * 1.55 * (k - 1.5), 0.75 * abs(k - 1.3), 0.25 * k])
        path = root + spread + (tip - root) * t[:, None] + np.array([0, 0, 1.6]) * np.sin(np.pi * t[:, None])
        radius = 0.82 * np.sqrt(np.clip(1 - np.clip((t - 0.86) / 0.14, 0, 1) ** 2, 0.02, 1)) * (1.08 - 0.15 * t)
        meshes.append(tube(path.astype(np.float32), radius.astype(np.float32), 24))
    # The arm runs on down, out of most pictures, so that no stump shows.
    palm = root + np.array([side * 0.9, -0.4, -0.6]) + np.array([side * 7.0, 42.0, -1.0]) * t[:, None]
    wrist = np.sqrt(np.clip(t / 0.08 + 0.05, 0, 1))
    meshes.append(tube(palm.astype(np.float32), (wrist * (3.0 + 0.9 * t)).astype(np.float32), 30))
    return meshes
