"""Shading of skin, hair and other matter."""

from dataclasses import dataclass

import numpy as np

from niteru.engine.drawn.mesh import Array


@dataclass(frozen=True, slots=True)
class Light:
    """The light of a photo.

    Attributes:
        direction: float32 (3,), unit, towards the lamp.
        key: float32 (3,), the lamp's linear colour.
        sky: float32 (3,), light from above and around.
        ground: float32 (3,), light from below.
        shadow: 0 to 1, how black cast shadows are.
    """

    direction: Array
    key: Array
    sky: Array
    ground: Array
    shadow: float


def _power(base: Array, squarings: tuple[int, ...]) -> Array:
    """Raise to the sum of the powers 2**k by repeated squaring, far faster than ``**``."""
    total = np.ones_like(base)
    square = base
    for k in range(max(squarings) + 1):
        if k in squarings:
            total = total * square
        square = square * square
    return total


def shade_matter(
    is_skin: bool, normal: Array, albedo: Array, gloss: Array | float, lit: Array, open_: Array, light: Light
) -> Array:
    """Shade skin or matter.

    Args:
        is_skin: whether light seeps through, as it does through skin.
        normal: float32 (k, 3), unit normals.
        albedo: float32 (k, 3), linear RGB.
        gloss: strength of the highlight, one or float32 (k,).
        lit: float32 (k,), 0 in cast shadow.
        open_: float32 (k,), 0 to 1, how much of the sky reaches the point.
        light: the light.

    Returns:
        float32 (k, 3), linear RGB.
    """
    # Light seeps through skin, red the furthest, so that its shadow edge is soft and warm.
    wrap = np.array([0.27, 0.19, 0.16] if is_skin else [0.1, 0.1, 0.1], np.float32)
    lambert = (normal @ light.direction)[:, None]
    diffuse = np.clip((lambert + wrap) / (1 + wrap), 0, None) * lit[:, None]
    up = (0.5 - 0.5 * normal[:, 1])[:, None]
    deep = open_ * (0.7 + 0.3 * open_)
    ambient = (light.ground + (light.sky - light.ground) * up) * np.stack([open_, deep, deep], axis=1)
    half = light.direction + np.array([0, 0, 1], np.float32)
    half = half / np.linalg.norm(half)
    facing = np.clip(normal @ half, 0, 1)
    rim = (1 - np.clip(normal[:, 2], 0, 1)) ** 3
    shine = gloss * (0.55 * _power(facing, (3, 4)) + 0.25 * _power(facing, (3,))) * lit
    sheen = (gloss * 0.2 * rim * open_)[:, None] * light.sky
    return np.asarray(albedo * (light.key * diffuse + ambient) + light.key * shine[:, None] + sheen, np.float32)


def shade_hair(tangent: Array, normal: Array, albedo: Array, lit: Array, open_: Array, light: Light) -> Array:
    """Shade strands after Kajiya and Kay: the highlight lies across them as a band.

    Args:
        tangent: float32 (k, 3), unit direction of the strands.
        normal: float32 (k, 3), unit normals of the hair as a whole.
        albedo: float32 (k, 3), linear RGB.
        lit: float32 (k,), 0 in cast shadow.
        open_: float32 (k,), 0 to 1, how much of the sky reaches the point.
        light: the light.

    Returns:
        float32 (k, 3), linear RGB.
    """
    half = light.direction + np.array([0, 0, 1], np.float32)
    half = half / np.linalg.norm(half)
    along_light = np.sqrt(np.clip(1 - (tangent @ light.direction) ** 2, 0, 1))
    jitter = albedo.mean(axis=1) / (albedo.mean() + 1e-6) - 1
    lean = tangent + normal * np.clip(0.10 * jitter, -0.25, 0.25)[:, None]
    across = np.clip(1 - (lean @ half) ** 2, 0, 1)
    lambert = np.clip((normal @ light.direction + 0.35) / 1.35, 0, 1)
    diffuse = (lambert * (0.35 + 0.65 * along_light) * lit)[:, None]
    shine = ((0.55 * _power(across, (2, 4)) + 0.28 * _power(across, (2,))) * lambert * lit)[:, None]
    up = (0.5 - 0.5 * normal[:, 1])[:, None]
    ambient = (light.ground + (light.sky - light.ground) * up) * (open_ * np.sqrt(open_))[:, None]
    bright = 0.035 + 0.55 * albedo
    return np.asarray(albedo * (light.key * diffuse + ambient) + light.key * shine * bright, np.float32)
