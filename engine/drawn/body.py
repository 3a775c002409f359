"""Ears, neck and shoulders as grid meshes, in centimetres and the frame of `layout`."""

import numpy as np

from niteru.engine.drawn.identity import Person
from niteru.engine.drawn.mesh import Array, bump, ramp, ring_mesh, rings_of


def ear_mesh(side: int, person: Person, half: float) -> Array:
    """Model an ear as a dished oval.

    Args:
        side: -1 for the ear on the image's left, 1 for the other.
        person: the person.
        half: half width of the head at the ear.

    Returns:
        float32 (40, 24, 3).
    """
    t = np.linspace(-1, 1, 40, dtype=np.float32)[:, None]
    u = np.linspace(0, 1, 24, dtype=np.float32)[None, :]
    size = 1 + 0.07 * person.shape.ear + 0.002 * (person.age - 40)
    wide = np.sqrt(np.clip(1 - t**2, 0, 1)) * (1.25 - 0.35 * t) * 1.55 * size
    out = u * wide
    dish = 0.28 * np.exp(-(((u - 0.86) / 0.12) ** 2)) - 0.30 * bump(u, t, (0.42, 0.05), (0.22, 0.45))
    x = half - 0.25 + 0.62 * out + dish * 0.6 * wide / 1.9
    z = -0.2 - 0.72 * out + dish * 0.9 * wide / 1.9
    y = 1.9 + 3.15 * size * t - 0.15 * out
    points = np.stack([side * x, y, z], axis=2).astype(np.float32)
    return points if side > 0 else np.ascontiguousarray(points[:, ::-1])


def body_mesh(person: Person) -> Array:
    """Model neck, shoulders and chest.

    Args:
        person: the person.

    Returns:
        float32 (150, 120, 3).
    """
    man = person.sex == "m"
    neck, wide = (5.6, 1.0) if man else (4.75, 0.86)
    neck *= 1 + 0.03 * person.shape.fullness
    table = np.array(
        [
            (5.0, neck, neck - 1.2, -neck - 1.8, -1.5),
            (11.0, neck, neck - 1.6, -neck - 2.2, -2.0),
            (14.0, neck * 1.06, neck - 1.6, -neck - 3.0, -2.6),
            (15.4, neck * 1.40, neck - 0.8, -7.4, -3.2),
            (16.8, 12.0 * wide, 4.8, -8.4, -3.6),
            (18.4, 16.6 * wide, 6.0, -9.2, -3.8),
            (20.4, 19.8 * wide, 7.0, -10.0, -3.8),
            (24.0, 22.4 * wide, 8.2, -10.6, -3.6),
            (31.0, 23.2 * wide, 9.4, -10.6, -3.2),
            (62.0, 23.6 * wide, 9.0, -10.0, -3.0),
        ]
    )
    rings = rings_of(table, 150, 2.5)
    angle = np.radians(np.linspace(-115, 115, 120, dtype=np.float32)).astype(np.float32)
    points = ring_mesh(rings, angle, 2.3)
    # A groove sets the arms off from the chest.
    groove = np.exp(-(((np.abs(points[..., 0]) - 17.0 * wide) / 1.1) ** 2)) * ramp(points[..., 1], 25, 33)
    points[..., 2] -= 2.2 * groove
    return points
