"""The traits of a drawn person that stay the same from photo to photo."""

from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np

from niteru.engine.drawn.names import Region, Sex, name_of
from niteru.engine.drawn.palettes import AFRICA_STYLES, EYES, HAIRS, MEANS, SEX_MEANS, SKINS, STYLES, Colour


@dataclass(frozen=True, slots=True)
class Shape:
    """Face proportions, each a deviation from the average of about -2 to 2."""

    width: float
    length: float
    jaw: float
    chin: float
    cheek: float
    fullness: float
    forehead: float
    brow_ridge: float
    brow_height: float
    brow_slant: float
    brow_weight: float
    eye_size: float
    eye_height: float
    eye_tilt: float
    eye_spacing: float
    nose_width: float
    nose_length: float
    nose_bridge: float
    nose_tip: float
    mouth_width: float
    mouth_height: float
    upper_lip: float
    lower_lip: float
    ear: float


@dataclass(frozen=True, slots=True)
class Person:
    """A person who does not exist.

    Attributes:
        number: the person's number, from 0.
        seed: the seed of the whole population.
        name: a first name, safe as a folder name.
        relative_of: number of the sibling whose traits this person shares, if any.
        sex: the sex impression.
        age: the age impression in years.
        shape: face proportions.
        skin: skin colour.
        hair_colour: colour of hair, brows and beard.
        eye_colour: iris colour.
        lip_colour: lip colour.
        lid_fold: 0 for a lid without a visible crease, 1 for a deep crease.
        hair_style: a name in `hair_styles.STYLES`.
        part_side: -1 or 1, the side the hair is parted on.
        beard: "none", "stubble", "moustache", "goatee" or "full".
        glasses: "none", "round", "square" or "oval".
        glasses_colour: frame colour.
        makeup: 0 to 1, strength of eye and lip make-up.
        freckles: 0 to 1.
        moles: number of moles.
    """

    number: int
    seed: int
    name: str
    relative_of: int | None
    sex: Sex
    age: float
    shape: Shape
    skin: Colour
    hair_colour: Colour
    eye_colour: Colour
    lip_colour: Colour
    lid_fold: float
    hair_style: str
    part_side: int
    beard: str
    glasses: str
    glasses_colour: Colour
    makeup: float
    freckles: float
    moles: int


def _sample_shape(rng: np.random.Generator, sex: Sex, region: Region) -> Shape:
    values: dict[str, float] = {}
    for field in fields(Shape):
        mean = MEANS[region].get(field.name, 0.0) + SEX_MEANS[sex].get(field.name, 0.0)
        values[field.name] = float(np.clip(mean + rng.normal(0.0, 0.95), -2.3, 2.3))
    return Shape(**values)


def _blend_shape(own: Shape, sibling: Shape, sex: Sex, sibling_sex: Sex) -> Shape:
    """Keep three quarters of a sibling's deviations, with the sex means exchanged."""
    values: dict[str, float] = {}
    for field in fields(Shape):
        shift = SEX_MEANS[sex].get(field.name, 0.0) - SEX_MEANS[sibling_sex].get(field.name, 0.0)
        theirs = getattr(sibling, field.name) + shift
        values[field.name] = float(np.clip(0.75 * theirs + 0.25 * getattr(own, field.name), -2.3, 2.3))
    return Shape(**values)


def _pick(rng: np.random.Generator, choices: tuple[Colour, ...], jitter: float) -> Colour:
    """Pick a colour and vary it a little, more in lightness than in hue."""
    base = np.array(choices[int(rng.integers(len(choices)))])
    varied = np.clip(base * (1 + rng.normal(0, jitter)) * (1 + rng.normal(0, jitter / 4, 3)), 0.03, 0.97)
    return float(varied[0]), float(varied[1]), float(varied[2])


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    a, b = np.array(first), np.array(second)
    mixed = a + (b - a) * share
    return float(mixed[0]), float(mixed[1]), float(mixed[2])


def _choose_hair(rng: np.random.Generator, sex: Sex, region: Region, age: float) -> str:
    styles = (AFRICA_STYLES if region == "africa" else STYLES)[sex]
    style = str(styles[int(rng.integers(len(styles)))])
    thins = sex == "m" and age > 50 and rng.random() < 0.5
    return "receding" if thins else style


def _choose_beard(rng: np.random.Generator, sex: Sex) -> str:
    kinds = ("none", "stubble", "moustache", "goatee", "full")
    return "none" if sex == "f" else str(rng.choice(kinds, p=(0.36, 0.26, 0.08, 0.10, 0.20)))


@lru_cache(maxsize=256)
def person(number: int, seed: int = 0) -> Person:
    """Make up a person, the same one for the same arguments.

    Persons ``8k`` and ``8k + 1`` are siblings: the second shares the skin, hair and eye colours of the first and most
    of the face proportions. All others are unrelated.

    Args:
        number: the person's number, from 0.
        seed: the population's seed.

    Example:
        >>> person(0).name, person(1).name, person(1).relative_of, person(2).relative_of
        ('Zoë', 'Łukasz', 0, None)
    """
    rng = np.random.default_rng([seed, number, 0x9E0])
    name, sex, region = name_of(number)
    age = float(np.clip(rng.gamma(3.2, 6.5) + 19, 19, 78))
    shape = _sample_shape(rng, sex, region)
    skin, hair = _pick(rng, SKINS[region], 0.04), _pick(rng, HAIRS[region], 0.10)
    eyes = _pick(rng, EYES[region], 0.10)
    lid_fold = float(np.clip(rng.normal(0.25 if region == "east" else 0.85, 0.25), 0, 1))
    relative = number - 1 if number % 8 == 1 else None
    if relative is not None:
        sibling = person(relative, seed)
        shape = _blend_shape(shape, sibling.shape, sex, sibling.sex)
        skin, hair, eyes = sibling.skin, sibling.hair_colour, sibling.eye_colour
        lid_fold, age = sibling.lid_fold, float(np.clip(sibling.age + rng.normal(0, 5), 19, 78))
    grey = float(np.clip((age - 42) / 30 + rng.normal(0, 0.25), 0, 0.95)) if age > 40 else 0.0
    hair = _mix(hair, (0.72, 0.71, 0.70), grey)
    style = _choose_hair(rng, sex, region, age)
    frames = (
        (0.08, 0.08, 0.09),
        (0.30, 0.18, 0.10),
        (0.55, 0.50, 0.42),
        (0.12, 0.16, 0.30),
        (0.45, 0.10, 0.12),
    )
    flush = _mix(skin, (0.72, 0.27, 0.28), 0.42 if region != "africa" else 0.30)
    made_up = float(rng.random() < 0.6) * float(rng.uniform(0.25, 1.0)) if sex == "f" else 0.0
    return Person(
        number=number,
        seed=seed,
        name=name,
        relative_of=relative,
        sex=sex,
        age=age,
        shape=shape,
        skin=skin,
        hair_colour=hair,
        eye_colour=eyes,
        lip_colour=_mix(flush, (0.68, 0.10, 0.18), 0.7 * made_up * float(rng.random())),
        lid_fold=lid_fold,
        hair_style=style,
        part_side=-1 if rng.random() < 0.5 else 1,
        beard=_choose_beard(rng, sex),
        glasses=str(rng.choice(("none", "round", "square", "oval"), p=(0.82, 0.06, 0.07, 0.05))),
        glasses_colour=_pick(rng, frames, 0.1),
        makeup=made_up,
        freckles=float(rng.random() ** 2) if region == "north" and rng.random() < 0.5 else 0.0,
        moles=int(rng.poisson(1.3)),
    )
