"""Glasses, modelled as thin tubes before the eyes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from niteru.engine.drawn.identity import Person
from niteru.engine.drawn.layout import Layout
from niteru.engine.drawn.mesh import Array, tube


def glasses_mesh(person: Person, layout: Layout, half: float) -> list[Array]:
    """Model a pair of glasses.

    Args:
        person: the person.
        layout: the feature positions.
        half: half width of the head at the ears.

    Returns:
        float32 (n, m, 3) tubes: two rims, bridge and temples; none without glasses.
    """
    if person.glasses == "none":
        return []
    wide, tall, power = {"round": (2.35, 2.2, 2.0), "square": (2.7, 1.85, 4.0), "oval": (2.6, 1.65, 2.4)}[
        person.glasses
    ]
    turn = np.linspace(0, 2 * np.pi, 110, dtype=np.float32)
    cos, sin = np.cos(turn), np.sin(turn)
    radius = (np.abs(cos) ** power + np.abs(sin) ** power) ** (-1 / power)
    thick = 0.14 if person.glasses != "square" else 0.20
    front = 10.3

    def bowed(x: NDArray[Any], y: NDArray[Any]) -> Array:
        return np.stack([x, y, front - 0.045 * x**2], axis=1).astype(np.float32)

    tubes: list[Array] = []
    for side in (-1.0, 1.0):
        x = side * (layout.eye_x + 0.12) + wide * radius * cos
        tubes.append(tube(bowed(x, 0.35 + tall * radius * sin), thick))
        t = np.linspace(0, 1, 40, dtype=np.float32)
        hinge = layout.eye_x + 0.12 + wide
        path = np.stack(
            [
                side * (hinge + (half + 0.25 - hinge) * np.minimum(1, t * 2.2)),
                -0.5 + 0.3 * t,
                front - 0.045 * hinge**2 - 9.0 * t,
            ],
            axis=1,
        )
        tubes.append(tube(path.astype(np.float32), thick))
    gap = layout.eye_x + 0.12 - wide
    x = np.linspace(-gap, gap, 24, dtype=np.float32)
    tubes.append(tube(bowed(x, -0.15 - 0.25 * np.cos(x / max(gap, 0.2) * np.pi / 2)), thick))
    return tubes
