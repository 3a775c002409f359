"""Rarity of a resemblance in words.

The number itself is computed by :meth:`niteru.indexer.generations.rarity_calibration.Calibration.rarity` for two faces,
and by :meth:`niteru.indexer.ask.resemblance.Scale.rarity` for two people.
"""

from __future__ import annotations

import math


def rarity_in_words(rarity: float) -> str:
    """Put a rarity into words, rounded down, so that they never say 100 %.

    Example:
        >>> rarity_in_words(0.0003)
        'closer than 99.97 % of pairs'
    """
    digits = 0 if rarity >= 0.01 else 1 if rarity >= 0.001 else 2 if rarity >= 0.0001 else 3
    share = min(math.floor((1 - rarity) * 100 * 10**digits + 1e-6) / 10**digits, 99.999)
    return f"closer than {share:.{digits}f} % of pairs"
