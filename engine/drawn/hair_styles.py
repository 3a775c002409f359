"""Hair styles: how far the hair stands off the skull and where its edge runs."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class HairStyle:
    """One style of hair; lengths in centimetres, angles in degrees from the front.

    Attributes:
        top: thickness on the crown.
        side: thickness at the sides.
        length: the y at which the hair ends at the sides and back.
        flare: extra half width at the ends.
        fringe: y of the fringe's lower edge, None without a fringe.
        sweep: how far the hair comes down on the side away from the parting.
        wave: sideways amplitude of waves along the strands.
        curl: 0 for straight to 1 for tight curls.
        bun: radius of a bun on top, 0 for none.
        tail: whether a pony tail hangs behind.
        recede: how far the hairline has risen at the temples.
        cover: 0 to 1, how much scalp the hair hides.
        ears: whether the ears show.
    """

    top: float = 1.3
    side: float = 0.9
    length: float = 4.0
    flare: float = 0.0
    fringe: float | None = None
    sweep: float = 0.0
    wave: float = 0.0
    curl: float = 0.0
    bun: float = 0.0
    tail: bool = False
    recede: float = 0.0
    cover: float = 1.0
    ears: bool = True


STYLES: Final[dict[str, HairStyle]] = {
    "long": HairStyle(top=1.1, side=1.0, length=21, flare=0.6, sweep=1.2, wave=0.15, ears=False),
    "long fringe": HairStyle(top=1.2, side=1.1, length=18, fringe=-2.9, wave=0.1, ears=False),
    "wavy": HairStyle(top=1.5, side=1.7, length=17, flare=1.6, sweep=1.6, wave=0.8, curl=0.15, ears=False),
    "bob": HairStyle(top=1.3, side=1.5, length=9.5, flare=1.0, sweep=1.0, ears=False),
    "fringe": HairStyle(top=1.3, side=1.4, length=8.5, fringe=-2.8, flare=0.6, ears=False),
    "bun": HairStyle(top=0.6, side=0.5, length=3, bun=3.6),
    "ponytail": HairStyle(top=0.7, side=0.5, length=3, sweep=0.4, tail=True),
    "pixie": HairStyle(top=1.7, side=1.0, length=4, sweep=2.4, wave=0.1),
    "curly": HairStyle(top=2.4, side=3.0, length=13, flare=1.8, curl=0.75, wave=0.5, ears=False),
    "braids": HairStyle(top=0.8, side=0.9, length=22, flare=0.4, curl=0.35, ears=False),
    "afro": HairStyle(top=4.0, side=3.4, length=5, curl=1.0, ears=False),
    "short": HairStyle(top=1.3, side=0.6),
    "side": HairStyle(top=1.9, side=0.7, sweep=1.5),
    "crop": HairStyle(top=0.9, side=0.4, fringe=-5.0),
    "quiff": HairStyle(top=2.8, side=0.6),
    "curls": HairStyle(top=2.4, side=1.2, curl=0.7),
    "shag": HairStyle(top=1.7, side=1.2, length=6.5, sweep=1.6, wave=0.4, ears=False),
    "buzz": HairStyle(top=0.25, side=0.18, curl=0.9, cover=0.85),
    "fade": HairStyle(top=1.3, side=0.2, curl=0.9),
    "receding": HairStyle(top=0.45, side=0.35, recede=1.9),
    "bald": HairStyle(top=0.1, side=0.1, recede=2.0, cover=0.0),
}
