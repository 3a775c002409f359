"""Positions of the features of a face, in centimetres on the frontal plane.

The head's frame: x to the right of the image, y down, z towards the viewer; the origin is midway between the eyes,
inside the head. Shape and texture both read these figures, so that what is painted fits what is modelled.
"""

from dataclasses import dataclass

from niteru.engine.drawn.identity import Person


@dataclass(frozen=True, slots=True)
class Layout:
    """Positions of the features of one face, in centimetres and the head's frame."""

    eye_x: float
    eye_half: float
    eye_open: float
    eye_tilt: float
    brow_y: float
    nose_top: float
    nose_tip: float
    nose_half: float
    mouth_y: float
    mouth_half: float
    upper_lip: float
    lower_lip: float
    chin_y: float
    hairline: float


def layout_of(person: Person) -> Layout:
    """Compute a person's feature positions: the averages of real adults plus the person's deviations."""
    s = person.shape
    tip = 4.15 + 0.30 * s.nose_length
    mouth = tip + 2.75 + 0.20 * s.mouth_height
    return Layout(
        eye_x=3.2 + 0.17 * s.eye_spacing,
        eye_half=1.66 + 0.11 * s.eye_size,
        eye_open=0.61 + 0.07 * s.eye_height + 0.04 * s.eye_size,
        eye_tilt=0.06 + 0.055 * s.eye_tilt,
        brow_y=-2.15 - 0.24 * s.brow_height,
        nose_top=-0.6,
        nose_tip=tip,
        nose_half=1.62 + 0.17 * s.nose_width,
        mouth_y=mouth,
        mouth_half=2.5 + 0.20 * s.mouth_width,
        upper_lip=0.62 + 0.13 * s.upper_lip,
        lower_lip=0.86 + 0.14 * s.lower_lip,
        chin_y=mouth + 4.45 + 0.28 * s.chin + 0.22 * s.length,
        hairline=-6.6 - 0.35 * s.forehead,
    )
