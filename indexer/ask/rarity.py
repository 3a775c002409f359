"""How rare a resemblance is, in words."""

from __future__ import annotations

import math


def rarity_in_words(rarity: float) -> str:
    """``closer than 99.97 % of pairs``; rounded down, so that it never says 100 %."""
    digits = 0 if rarity >= 0.01 else 1 if rarity >= 0.001 else 2 if rarity >= 0.0001 else 3
    share = min(math.floor((1 - rarity) * 100 * 10**digits + 1e-6) / 10**digits, 99.999)
    return f"closer than {share:.{digits}f} % of pairs"
