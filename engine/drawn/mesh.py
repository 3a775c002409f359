"""Grid meshes of stacked rings and of tubes, and the mathematics they share."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rings:
    """A stack of horizontal cross-sections, all arrays of shape (n,), centimetres.

    Attributes:
        y: height (downward).
        half: half width.
        front: z of the foremost point.
        back: z of the rearmost point.
        centre: z of the widest point.
    """

    y: Array
    half: Array
    front: Array
    back: Array
    centre: Array


def rings_of(table: NDArray[np.float64], rows: int, smooth: float) -> Rings:
    """Turn a coarse table of cross-sections into a smooth stack.

    Args:
        table: float (k, 5), columns y, half, front, back, centre.
        rows: number of rings.
        smooth: standard deviation of the smoothing, in rings.

    Returns:
        The stack; its ends keep the table's exact first and last rows.
    """
    steps = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(table[:, 0]), np.diff(table[:, 1])))])
    at = np.linspace(0, steps[-1], rows)
    dense = np.stack([np.interp(at, steps, table[:, k]) for k in range(5)], axis=1).astype(np.float32)
    # Odd reflection keeps the ends in place; even reflection would pull them inward.
    pad = int(3 * smooth) + 1
    head, tail = 2 * dense[:1] - dense[pad:0:-1], 2 * dense[-1:] - dense[-2 : -pad - 2 : -1]
    padded = np.concatenate([head, dense, tail])
    blurred = cv2.GaussianBlur(padded, (1, 2 * pad + 1), sigmaX=0.1, sigmaY=smooth)[pad:-pad]
    y, half, front, back, centre = (np.ascontiguousarray(blurred[:, k], np.float32) for k in range(5))
    return Rings(y, np.maximum(half, 0), front, back, centre)


def ring_mesh(rings: Rings, angle: Array, power: float | Array = 2.25) -> Array:
    """Lay superellipses through the rings.

    Args:
        rings: n cross-sections.
        angle: float32 (m,), angle round the vertical axis in radians, 0 to the viewer.
        power: exponent of the superellipse, one or (n,); 2 is an ellipse, more is squarer.

    Returns:
        float32 (n, m, 3) points.
    """
    n = np.broadcast_to(np.asarray(power, np.float32), rings.y.shape)[:, None]
    sin, cos = np.sin(angle)[None], np.cos(angle)[None]
    depth = np.where(cos > 0, (rings.front - rings.centre)[:, None], (rings.centre - rings.back)[:, None])
    half = np.maximum(rings.half, 1e-3)[:, None]
    depth = np.maximum(depth, 1e-3)
    radius = (np.abs(sin / half) ** n + np.abs(cos / depth) ** n) ** (-1 / n)
    y = np.broadcast_to(rings.y[:, None], radius.shape)
    return np.stack([radius * sin, y, rings.centre[:, None] + radius * cos], axis=2).astype(np.float32)


def tube(path: Array, radius: float | Array, around: int = 10) -> Array:
    """Wrap a tube about a path.

    Args:
        path: float32 (n, 3).
        radius: one radius or (n,), centimetres.
        around: points round the tube.

    Returns:
        float32 (n, around, 3) points, the seam closed.
    """
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-6
    # One fixed direction will do, since no path runs along it for long.
    side = np.cross(along, np.array([0.15, 0.25, 1.0], np.float32))
    side /= np.linalg.norm(side, axis=1, keepdims=True) + 1e-6
    other = np.cross(along, side)
    turn = np.linspace(0, 2 * np.pi, around, dtype=np.float32)[None, :, None]
    reach = np.broadcast_to(np.asarray(radius, np.float32), path.shape[:1])[:, None, None]
    offset = np.cos(turn) * side[:, None] + np.sin(turn) * other[:, None]
    return np.asarray((path[:, None] + reach * offset).astype(np.float32), np.float32)


def normals(points: Array) -> Array:
    """Compute unit normals of a grid mesh.

    Args:
        points: float32 (n, m, 3).

    Returns:
        float32 (n, m, 3); outward where columns run to +x and rows to +y on the viewer's side.
    """
    across = cv2.Sobel(points, cv2.CV_32F, 1, 0, ksize=3, borderType=cv2.BORDER_REPLICATE)
    down = cv2.Sobel(points, cv2.CV_32F, 0, 1, ksize=3, borderType=cv2.BORDER_REPLICATE)
    normal = np.empty_like(points)
    for k in range(3):
        i, j = (k + 1) % 3, (k + 2) % 3
        normal[..., k] = across[..., i] * down[..., j] - across[..., j] * down[..., i]
    length = np.sqrt(np.einsum("ijk,ijk->ij", normal, normal)) + 1e-9
    return np.asarray(normal / length[..., None], np.float32)


def bump(x: NDArray[Any], y: NDArray[Any], at: tuple[float, float], spread: tuple[float, float]) -> Array:
    """Evaluate an axis-aligned Gaussian of height 1.

    Args:
        x: float32, any shape.
        y: float32, same shape.
        at: centre.
        spread: standard deviations.

    Returns:
        float32 of the same shape.
    """
    return np.asarray(np.exp(-0.5 * (((x - at[0]) / spread[0]) ** 2 + ((y - at[1]) / spread[1]) ** 2)), np.float32)


def ramp(x: NDArray[Any], low: float, high: float) -> Array:
    """Rise smoothly from 0 at `low` to 1 at `high` (or fall, where `low` is the greater)."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def noise(rng: np.random.Generator, shape: tuple[int, int], cells: tuple[float, float]) -> Array:
    """Make smooth noise of about unit standard deviation.

    Args:
        rng: source of randomness.
        shape: rows and columns.
        cells: size of a feature in rows and in columns.

    Returns:
        float32 `shape`.
    """
    small = (max(2, round(shape[0] / cells[0])), max(2, round(shape[1] / cells[1])))
    grid = rng.standard_normal(small).astype(np.float32)
    big = cv2.resize(grid, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(big * 1.3, np.float32)
