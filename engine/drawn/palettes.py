"""Colours, mean proportions and hair styles of the people of each region and sex."""

from typing import Final

from niteru.engine.drawn.names import Region, Sex

Colour = tuple[float, float, float]
"""sRGB, each channel 0 to 1."""

SKINS: Final[dict[Region, tuple[Colour, ...]]] = {
    "north": ((0.93, 0.77, 0.69), (0.90, 0.73, 0.63), (0.95, 0.80, 0.73), (0.88, 0.69, 0.58)),
    "middle": ((0.86, 0.67, 0.54), (0.80, 0.60, 0.46), (0.88, 0.71, 0.59), (0.74, 0.54, 0.40)),
    "east": ((0.92, 0.76, 0.64), (0.88, 0.70, 0.56), (0.94, 0.79, 0.69), (0.82, 0.63, 0.48)),
    "south": ((0.64, 0.47, 0.36), (0.73, 0.56, 0.44), (0.55, 0.40, 0.31), (0.79, 0.61, 0.49)),
    "africa": ((0.45, 0.32, 0.25), (0.37, 0.265, 0.21), (0.56, 0.41, 0.32), (0.49, 0.355, 0.27)),
    "americas": ((0.81, 0.62, 0.50), (0.73, 0.55, 0.43), (0.67, 0.49, 0.38), (0.87, 0.71, 0.60)),
}

_BLACK: Final = (0.09, 0.075, 0.07)
_DARK: Final = (0.17, 0.115, 0.085)
_BROWN: Final = (0.31, 0.20, 0.13)

HAIRS: Final[dict[Region, tuple[Colour, ...]]] = {
    "north": ((0.74, 0.58, 0.36), (0.55, 0.39, 0.23), (0.58, 0.27, 0.12), _BROWN, _DARK, (0.82, 0.69, 0.48)),
    "middle": (_DARK, _BLACK, _BROWN, _DARK),
    "east": (_BLACK, _BLACK, _DARK, (0.25, 0.15, 0.10)),
    "south": (_BLACK, _BLACK, _DARK),
    "africa": (_BLACK, _BLACK, (0.13, 0.09, 0.075)),
    "americas": (_DARK, _BLACK, _BROWN),
}

_BROWN_EYE: Final = (0.30, 0.17, 0.09)
_DARK_EYE: Final = (0.17, 0.10, 0.07)

EYES: Final[dict[Region, tuple[Colour, ...]]] = {
    "north": ((0.34, 0.50, 0.66), (0.40, 0.50, 0.40), (0.45, 0.53, 0.58), (0.42, 0.30, 0.15), _BROWN_EYE),
    "middle": (_BROWN_EYE, _DARK_EYE, (0.42, 0.33, 0.16)),
    "east": (_DARK_EYE, _BROWN_EYE),
    "south": (_DARK_EYE, _BROWN_EYE),
    "africa": (_DARK_EYE, _DARK_EYE, _BROWN_EYE),
    "americas": (_BROWN_EYE, _DARK_EYE, (0.40, 0.30, 0.16)),
}

MEANS: Final[dict[Region, dict[str, float]]] = {
    "north": {"nose_bridge": 0.5, "nose_width": -0.6, "lower_lip": -0.3, "upper_lip": -0.5},
    "middle": {"nose_bridge": 0.9, "nose_length": 0.6, "brow_weight": 0.7, "nose_tip": -0.4},
    "east": {"nose_bridge": -0.9, "width": 0.4, "cheek": 0.5, "brow_ridge": -0.6, "eye_tilt": 0.6},
    "south": {"brow_weight": 0.6, "nose_bridge": 0.3, "eye_size": 0.3, "lower_lip": 0.4},
    "africa": {
        "nose_width": 1.3,
        "upper_lip": 1.1,
        "lower_lip": 1.2,
        "nose_bridge": -0.6,
        "mouth_width": 0.4,
    },
    "americas": {"cheek": 0.4, "nose_width": 0.3, "lower_lip": 0.3},
}

SEX_MEANS: Final[dict[Sex, dict[str, float]]] = {
    "f": {
        "jaw": -0.8,
        "brow_ridge": -0.9,
        "eye_size": 0.5,
        "brow_weight": -0.6,
        "chin": -0.5,
        "lower_lip": 0.4,
    },
    "m": {
        "jaw": 0.8,
        "brow_ridge": 0.7,
        "brow_weight": 0.6,
        "chin": 0.6,
        "brow_height": -0.6,
        "nose_width": 0.3,
    },
}

STYLES: Final[dict[Sex, tuple[str, ...]]] = {
    "f": ("long", "bob", "wavy", "bun", "fringe", "curly", "ponytail", "pixie", "long fringe"),
    "m": ("short", "side", "crop", "quiff", "receding", "bald", "curls", "shag"),
}

AFRICA_STYLES: Final[dict[Sex, tuple[str, ...]]] = {
    "f": ("afro", "bun", "curly", "braids", "bob"),
    "m": ("buzz", "afro", "bald", "fade"),
}
