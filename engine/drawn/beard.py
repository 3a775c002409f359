"""Beard and stubble, painted on the skin."""

import numpy as np

from niteru.engine.drawn.canvas import SIZE, linear
from niteru.engine.drawn.identity import Person
from niteru.engine.drawn.layout import Layout
from niteru.engine.drawn.mesh import Array, noise, ramp


def beard_mask(x: Array, y: Array, layout: Layout) -> dict[str, Array]:
    """Map where each kind of beard grows.

    Args:
        x: float32, texel positions.
        y: float32, same shape.
        layout: the feature positions.

    Returns:
        Masks from 0 to 1 by the kind of beard, "none" left out.
    """
    ax = np.abs(x)
    lips = ((x / (layout.mouth_half + 0.15)) ** 2) + ((y - layout.mouth_y - 0.12) / 0.98) ** 2
    off_lips = ramp(lips, 0.9, 1.35)
    line = np.interp(ax, [0.0, 2.4, 3.4, 5.0, 6.3, 6.9], [9.0, 9.0, 7.6, 6.2, 3.4, -0.5]).astype(np.float32)
    line = line + layout.mouth_y - 6.95
    chin = ramp(y, layout.mouth_y + 1.1, layout.mouth_y + 1.9)
    jaw = np.maximum(ramp(y - line, -0.5, 0.9), chin * ramp(ax, 3.2, 2.4))
    lip_top = layout.nose_tip + 1.0
    moustache = ramp(y, lip_top, lip_top + 0.45) * ramp(y, layout.mouth_y + 0.5, layout.mouth_y - 0.2)
    moustache = moustache * ramp(ax, layout.mouth_half + 0.75, layout.mouth_half - 0.2)
    side = ramp(ax, layout.mouth_half - 0.35, layout.mouth_half + 0.1) * ramp(
        ax, layout.mouth_half + 0.9, layout.mouth_half + 0.35
    )
    side = side * ramp(y, layout.mouth_y - 0.5, layout.mouth_y) * ramp(y, layout.mouth_y + 2.6, layout.mouth_y + 1.6)
    goatee = np.maximum(np.maximum(chin * ramp(ax, 2.6, 1.7), moustache), side)
    full = np.maximum(jaw, np.maximum(moustache, side))
    kinds = {"stubble": full, "full": full, "moustache": moustache, "goatee": goatee}
    return {kind: np.asarray(mask * off_lips, np.float32) for kind, mask in kinds.items()}


def paint_beard(image: Array, x: Array, y: Array, person: Person, layout: Layout, rng: np.random.Generator) -> Array:
    """Paint stubble or beard; returns its mask, float32 SIZE (zero where a mesh should not swell)."""
    if person.sex == "f":
        return np.zeros(SIZE, np.float32)
    masks = beard_mask(x, y, layout)
    hair = linear(person.hair_colour)
    shade = {"none": 0.10, "stubble": 0.36}.get(person.beard, 0.16)
    dots = np.clip(0.8 + 0.55 * rng.standard_normal(SIZE).astype(np.float32), 0, 2)
    cover = np.clip(masks["full"] * shade * dots, 0, 1)[..., None]
    image += (hair * 1.2 + 0.01 - image) * cover
    if person.beard not in ("moustache", "goatee", "full"):
        return np.zeros(SIZE, np.float32)
    mask = masks[person.beard]
    strands = noise(rng, SIZE, (12, 1.6)) + 0.6 * noise(rng, SIZE, (7, 2.5))
    cover = np.clip(ramp(mask + 0.16 * strands, 0.28, 0.85), 0, 1)[..., None] * 0.93
    image += (hair * (1 + 0.30 * strands[..., None]).clip(0.4, 2) - image) * cover
    return mask
