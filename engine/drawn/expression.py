"""Expressions: how the points of a face move from the modelled rest face."""

from dataclasses import dataclass

import numpy as np

from niteru.engine.drawn.layout import Layout
from niteru.engine.drawn.mesh import Array, bump, ramp
from niteru.engine.drawn.mouth import SLIT


@dataclass(frozen=True, slots=True)
class Expression:
    """The expression of a face.

    Attributes:
        smile: -0.3 (glum) to 1.
        jaw: 0 (shut) to 1 (open).
        brows: -0.5 (frown) to 1 (raised).
        eyes: opening of the lids, 1 when relaxed.
        gaze: centimetres the irises are turned right and down.
    """

    smile: float
    jaw: float
    brows: float
    eyes: float
    gaze: tuple[float, float]


def sample_expression(rng: np.random.Generator) -> Expression:
    """Draw an expression at random, most often a calm or smiling one."""
    smile = float(np.clip(rng.choice((0.0, 0.35, 0.85)) + rng.normal(0, 0.15), -0.3, 1))
    jaw = float(np.clip(rng.exponential(0.16) + 0.25 * max(smile - 0.4, 0) - 0.05, 0, 0.8))
    eyes = float(np.clip(1.02 - 0.22 * max(smile, 0) + rng.normal(0, 0.08), 0.6, 1.15))
    gaze = (float(np.clip(rng.normal(0, 0.10), -0.25, 0.25)), float(np.clip(rng.normal(0, 0.05), -0.1, 0.1)))
    return Expression(smile, jaw, float(np.clip(rng.normal(0, 0.3), -0.5, 1)), eyes, gaze)


def teeth_shown(face: Expression) -> float:
    """Compute how far the lips part, 0 to 1."""
    return float(min(1.0, 1.1 * max(face.smile - 0.45, 0) + 2.0 * max(face.jaw - 0.06, 0)))


def express(head: Array, layout: Layout, face: Expression) -> Array:
    """Move a head's points.

    Args:
        head: float32 (n, m, 3) at rest.
        layout: the feature positions.
        face: the expression.

    Returns:
        float32 (n, m, 3), a new array.
    """
    moved = head.copy()
    x, y = head[..., 0], head[..., 1]
    front = ramp(head[..., 2], 0.0, 4.0)
    ax, sign, at = np.abs(x), np.sign(x), layout.mouth_y
    corner = bump(ax, y, (layout.mouth_half, at), (1.15, 1.0)) * front
    moved[..., 0] += sign * 0.62 * face.smile * corner
    moved[..., 1] -= 0.50 * face.smile * corner
    moved[..., 2] -= 0.30 * max(face.smile, 0) * corner
    cheek = bump(ax, y, (3.7, 3.1), (1.3, 1.0)) * front
    moved[..., 1] -= 0.22 * face.smile * cheek
    moved[..., 2] += 0.40 * max(face.smile, 0) * cheek
    fold = np.exp(-0.5 * ((ax - 2.1 - (y - layout.nose_tip) * 0.42) / 0.25) ** 2) * ramp(
        y, layout.nose_tip, layout.nose_tip + 1
    )
    moved[..., 2] -= 0.20 * max(face.smile, 0) * fold * ramp(y, at + 1.0, at - 0.6) * front
    brow = bump(ax, y, (2.9, layout.brow_y - 0.3), (2.2, 0.9)) * front
    moved[..., 1] -= 0.45 * face.brows * brow
    # The painted slit is pressed shut or spread; points further away follow less and less.
    gap = np.clip(y - at, -SLIT, SLIT)
    reach = np.exp(-((np.maximum(np.abs(y - at) - SLIT, 0) / 0.9) ** 2)) * ramp(
        ax, layout.mouth_half + 0.9, layout.mouth_half - 0.4
    )
    moved[..., 1] -= gap * reach * front * 0.96 * (1 - teeth_shown(face))
    fall = ramp(y - at, -SLIT, SLIT + 0.02) * ramp(ax, 6.2, 3.4) * front
    curve = np.sqrt(np.clip(1 - (ax / (layout.mouth_half + 0.15)) ** 2, 0, 1))
    inner = ramp(y - at, 0.3, 1.6)
    moved[..., 1] += 1.15 * face.jaw * fall * (curve + (1 - curve) * inner)
    moved[..., 2] -= 0.45 * face.jaw * fall
    return moved


def lid_glint(light: Array) -> tuple[float, float]:
    """Place the light's mirror image on the eyeball, centimetres from its centre.

    Args:
        light: float32 (3,), unit direction towards the light.

    Returns:
        Right and down.
    """
    return float(0.26 * light[0]), float(0.26 * light[1])
