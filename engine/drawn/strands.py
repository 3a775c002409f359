"""The texture and the direction of strands of hair."""

import cv2
import numpy as np

from niteru.engine.drawn.hair_styles import HairStyle
from niteru.engine.drawn.identity import Person
from niteru.engine.drawn.mesh import Array, noise, ramp

ROWS, COLUMNS = 130, 150


def strands(rng: np.random.Generator, shape: tuple[int, int], wave: float, curl: float) -> Array:
    """Make a texture of strands running down the columns.

    Args:
        rng: source of randomness.
        shape: rows and columns.
        wave: sideways amplitude in centimetres (a column is taken as 0.05 cm).
        curl: 0 for straight to 1 for tight curls.

    Returns:
        float32 `shape`, about unit standard deviation.
    """
    straight = (
        0.6 * noise(rng, shape, (120, 1.6)) + 0.5 * noise(rng, shape, (150, 4.5)) + 0.5 * noise(rng, shape, (180, 22))
    )
    column, row = np.meshgrid(np.arange(shape[1], dtype=np.float32), np.arange(shape[0], dtype=np.float32))
    drift = noise(rng, shape, (120, 90)) * 5
    phase = noise(rng, shape, (200, 60)) * 2.5
    swell = 0.5 + 0.5 * np.tanh(noise(rng, shape, (150, 50)))
    drift += (wave * 11) * swell * np.sin(row / 19 + phase * 1.6)
    bent = cv2.remap(straight, column + drift, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    if curl == 0:
        return np.asarray(bent, np.float32)
    # Tight curls: contour lines of smooth noise look like loops of hair.
    size = 26 - 14 * curl
    loops = np.sin(3.2 * noise(rng, shape, (size, size)) + 2.0 * noise(rng, shape, (size * 2.5, size * 2.5)))
    mixed = (1 - curl) * bent + curl * (0.9 * loops + 0.35 * noise(rng, shape, (3, 3)))
    return np.asarray(mixed, np.float32)


def hang(points: Array, angle: Array, style: HairStyle, rng: np.random.Generator) -> None:
    """Let free hair wave and turn in at its ends, in place."""
    if style.length < 6:
        return
    y = points[..., 1]
    free = ramp(y, 1.0, 7.0)
    phase = noise(rng, (1, len(angle)), (1, 12)) * 1.4
    swing = (0.25 + 0.55 * style.wave) * np.sin(y * 0.75 + phase) + 0.35 * noise(rng, (len(y), len(angle)), (40, 9))
    ends = ramp(y, style.length - 4.0, style.length + 0.5)
    side = np.sign(points[..., 0]) * ramp(np.abs(points[..., 0]), 0.5, 4.0)
    points[..., 0] += free * (swing * 0.7 - 1.3 * ends * side)
    points[..., 2] += free * swing * 0.6


def comb(
    strand: Array, y: Array, angle: Array, person: Person, style: HairStyle, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Comb the hair over the forehead sideways from the parting; the rest hangs down.

    Returns:
        The strands, float32 in the same shape, and their direction, float32 (ROWS, COLUMNS, 2).
    """
    shape = strand.shape
    row = cv2.resize(y[:, None], (1, shape[0]))
    degrees = np.degrees(np.linspace(-np.pi, np.pi, shape[1], dtype=np.float32))[None]
    part = person.part_side * (22.0 if style.sweep > 0 else 9.0)
    out = (degrees - part) / 62
    blur = ramp(np.abs(out), 1.25, 0.8) * ramp(row, 0.5, -3.5)
    if style.fringe is not None or style.curl > 0.5:
        return strand, np.dstack([np.ones((ROWS, COLUMNS)), np.zeros((ROWS, COLUMNS))]).astype(np.float32)
    line = row + 13 - 7.5 * out**2 + 0.25 * noise(rng, (shape[0], shape[1]), (120, 120))
    u = (line + 10) * 26 + np.where(out > 0, 300, 0)
    v = np.broadcast_to(np.abs(out) * 200 + 40, shape)
    side = cv2.remap(strand, np.mod(u, shape[1] - 1).astype(np.float32), v.astype(np.float32), cv2.INTER_LINEAR)
    combed = strand + (side - strand) * blur
    small = cv2.resize(blur, (COLUMNS, ROWS))
    slope = np.sign(cv2.resize(out, (COLUMNS, 1)))
    turn = np.radians(62) / (2 * np.pi) * COLUMNS
    fall = 15.0 * np.abs(cv2.resize(out, (COLUMNS, 1))) / max(float(y[-1] - y[0]), 1.0) * ROWS
    flow = np.dstack([1 - small + small * fall, small * slope * turn])
    return np.asarray(combed, np.float32), np.asarray(flow, np.float32)
