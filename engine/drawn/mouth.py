"""Lips and teeth, painted on the skin."""

import numpy as np

from niteru.engine.drawn.canvas import LEFT, PER_CM, TOP, linear
from niteru.engine.drawn.identity import Person
from niteru.engine.drawn.layout import Layout
from niteru.engine.drawn.mesh import Array, ramp


def paint_lips(image: Array, gloss: Array, x: Array, y: Array, person: Person, layout: Layout) -> Array:
    """Paint the lips and the dark between them, in place; returns the mask of the teeth, float32 SIZE."""
    ax, at = np.abs(x) / layout.mouth_half, layout.mouth_y
    open_ = np.sqrt(np.clip(1 - ax**2, 0, 1))
    bow = 1 - 0.28 * np.exp(-((x / 0.28) ** 2)) + 0.12 * np.exp(-(((np.abs(x) - 0.55) / 0.4) ** 2))
    upper = at - (0.12 + layout.upper_lip * bow) * np.clip(1 - ax**1.6, 0, 1) ** 0.9
    lower = at + (0.16 + layout.lower_lip) * np.clip(1 - ax**2.2, 0, 1) ** 0.8
    soft = 0.09
    mask = ramp(y - upper, -soft, soft) * ramp(lower - y, -soft, soft) * (ax < 1)
    lip = linear(person.lip_colour) * (1 - 0.10 * np.sin(x * 14 + 2 * np.sin(y * 3)) * 0.5)[..., None]
    strength = 0.80 + 0.15 * person.makeup
    image += (lip * np.where(y < at, 0.82, 1.0)[..., None] - image) * (mask * strength)[..., None]
    gloss += mask * (0.10 + 0.35 * person.makeup)
    slit = SLIT * open_
    inside = ramp(slit - np.abs(y - at), -0.04, 0.03) * (ax < 0.99)
    mouth = np.zeros_like(image) + np.array([0.055, 0.012, 0.012], np.float32)
    # Teeth fill the upper part of the slit; gaps and the cheek's shade darken them sideways.
    row = ramp(slit - np.abs(y - at), 0.0, 0.03) * ramp(y, at + 0.13, at + 0.05) * ramp(ax, 0.86, 0.62)
    image += (mouth - image) * inside[..., None]
    line = np.exp(-(((np.abs(y - at) - slit) / 0.06) ** 2)) * (ax < 1.03)
    image *= 1 - 0.45 * line[..., None]
    gaps = 1 - 0.16 * np.exp(-((((np.abs(x) / 0.62) % 1) / 0.06) ** 2))
    return np.asarray(row * gaps * (1 - 0.55 * ax), np.float32)


def bare_teeth(albedo: Array, teeth: Array, layout: Layout, shown: float) -> None:
    """Paint the teeth for one photo, in place.

    Args:
        albedo: float32 (*SIZE, 3), a copy of the skin's.
        teeth: float32 SIZE, the mask that `paint_lips` returns.
        layout: the feature positions.
        shown: 0 for closed lips to 1.
    """
    part = np.s_[
        round((layout.mouth_y - 0.5 - TOP) * PER_CM) : round((layout.mouth_y + 0.5 - TOP) * PER_CM),
        round((-layout.mouth_half - LEFT) * PER_CM) : round((layout.mouth_half - LEFT) * PER_CM),
    ]
    cover = teeth[part][..., None] * float(np.clip(3 * shown, 0, 1))
    albedo[part] += (np.array([0.95, 0.89, 0.80], np.float32) - albedo[part]) * cover


SLIT = 0.24
"""Half height, in centimetres, of the mouth's opening as painted; expressions close or widen it."""
