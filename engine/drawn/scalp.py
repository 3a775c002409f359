"""The edge of the hair, and the shade of its roots on the skin."""

import numpy as np

from niteru.engine.drawn.canvas import SIZE, linear, plane
from niteru.engine.drawn.hair_styles import STYLES, HairStyle
from niteru.engine.drawn.identity import Person
from niteru.engine.drawn.layout import Layout
from niteru.engine.drawn.mesh import Array, noise, ramp


def hair_edge(style: HairStyle, layout: Layout, person: Person, degrees: Array) -> Array:
    """Give the lower edge of the hair, y in centimetres by signed angle in degrees."""
    line, angle = layout.hairline - 0.1, np.abs(degrees)
    if style.ears:
        at = [0, 18, 34, 46, 56, 63, 71, 78, 88, 102, 116, 180]
        sides = [-1.6, 1.5, 2.2, 0.6, -1.6, -1.0, 5.0, style.length + 4]
        edge = [line, line + 0.15, line + 0.9 - style.recede * 0.9, line + 2.2 - style.recede]
    else:
        at = [0, 18, 34, 46, 54, 60, 66, 74, 88, 102, 116, 180]
        sides = [-1.2, 2.5, style.length - 0.4, *[style.length] * 5]
        edge = [line, line + 0.15, line + 0.8, line + 2.2]
    edge[0] -= style.recede * 1.3
    edge[1] -= style.recede * 1.6
    y = np.interp(angle, at, edge + sides).astype(np.float32)
    if style.fringe is not None:
        y = np.where(angle < 52, np.maximum(y, style.fringe + 0.0006 * angle**2), y)
    lean = np.clip(-degrees * person.part_side / 50, -0.5, 1) * (angle < 62)
    return np.asarray(y + style.sweep * lean * ramp(angle, 62, 46), np.float32)


def shade_scalp(albedo: Array, person: Person, layout: Layout) -> None:
    """Darken the skin where hair grows out of it, in place, so that the hairline is soft.

    Args:
        albedo: float32 (*canvas.SIZE, 3), linear RGB.
        person: the person.
        layout: the feature positions.
    """
    style = STYLES[person.hair_style]
    rng = np.random.default_rng([person.seed, person.number, 0x5CA])
    x, y = plane()
    front = np.degrees(np.arcsin(np.clip(np.abs(x) / 7.3, 0, 0.93)))
    # The inverse of the flank's share of u in `canvas.texels` gives the angle there.
    depth = 3.0 - (np.abs(x) - 6.8) / 0.55
    flank = 90 - np.degrees(np.arctan2(depth + 0.5, 7.3))
    degrees = np.where(np.abs(x) > 6.8, flank, front) * np.sign(x)
    edge = hair_edge(style, layout, person, degrees)
    if style.fringe is not None or not style.ears:
        edge = np.minimum(edge, layout.hairline + 0.9 + 0.03 * np.clip(np.abs(degrees) - 40, 0, 60) ** 1.5)
    fuzz = 0.30 * noise(rng, SIZE, (14, 1.7)) + 0.25 * noise(rng, SIZE, (20, 20))
    cover = ramp(edge - y + fuzz, -0.4, 1.3) * (0.72 if style.cover > 0 else 0.20)
    albedo += (linear(person.hair_colour) * 0.8 + 0.004 - albedo) * cover[..., None]
