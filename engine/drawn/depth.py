"""Missed pixels, cast shadows and openness, all found in the depth image alone."""

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine.drawn.mesh import Array
from niteru.engine.drawn.shading import Light

EMPTY = -200.0


def fill_missed(ids: NDArray[np.int32], depth: Array) -> None:
    """Fill pixels that a sparse surface missed with a neighbour's point, in place."""
    middle = cv2.medianBlur(depth, 3)
    row, column = np.nonzero(depth < middle - 0.7)
    if not len(row):
        return
    best, found = np.full(len(row), np.inf, np.float32), ids[row, column]
    wanted, deep = middle[row, column], found.copy()
    for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, -1)):
        r = np.clip(row + down, 0, ids.shape[0] - 1)
        c = np.clip(column + right, 0, ids.shape[1] - 1)
        off = np.abs(depth[r, c] - wanted)
        deep = np.where(off < best, ids[r, c], deep)
        best = np.minimum(best, off)
    ids[row, column] = deep
    depth[row, column] = wanted


def cast_shadow(depth: Array, scale: float, light: Light) -> Array:
    """March from every pixel towards the lamp through the depth image; 1 is lit."""
    small = cv2.resize(depth, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_NEAREST)
    dark = np.zeros_like(small)
    for reach in (0.5, 0.8, 1.2, 1.7, 2.3, 3.0, 3.9, 5.0, 6.5, 8.5, 11.0):
        step = -light.direction[:2] * reach * scale * 0.5
        move = np.array([[1, 0, step[0]], [0, 1, step[1]]], np.float32)
        other = cv2.warpAffine(small, move, small.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        over = other - small - light.direction[2] * reach
        hit = np.clip((over - 0.12) / 0.35, 0, 1) * (over < 10.0) * (1 - 0.03 * reach)
        dark = np.maximum(dark, hit.astype(np.float32))
    soft = cv2.GaussianBlur(dark, (0, 0), max(0.7, 0.16 * scale))
    return 1 - light.shadow * cv2.resize(soft, depth.shape[::-1])


def openness(depth: Array, scale: float) -> Array:
    """Estimate how open each pixel is to the sky: darker where its surroundings stand out before it."""
    small = cv2.resize(depth, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_NEAREST)
    solid = (small > EMPTY / 2).astype(np.float32)
    held = np.where(solid > 0, small, 0)
    total = np.ones_like(small)
    for radius, weight in ((0.8, 0.30), (2.4, 0.16)):
        sigma = radius * scale * 0.25
        mean = cv2.GaussianBlur(held, (0, 0), sigma) / (cv2.GaussianBlur(solid, (0, 0), sigma) + 1e-3)
        total *= 1 - np.clip((mean - small - 0.08) * weight, 0, 0.5)
    return np.asarray(cv2.resize(total, depth.shape[::-1]), np.float32)
