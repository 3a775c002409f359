"""Timing of networks, per face."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from time import perf_counter

from niteru.engine import Pixels, Vectors

Embed = Callable[[Pixels], Vectors]


def milliseconds(peers: dict[str, Embed], crops: Pixels) -> dict[str, float]:
    """Median milliseconds per face, one at a time; the peers take turns, so that a busy moment affects them all."""
    spent: dict[str, list[float]] = {name: [] for name in peers}
    for crop in crops:
        for name, embed in peers.items():
            start = perf_counter()
            embed(crop[None])
            spent[name].append((perf_counter() - start) * 1000)
    return {name: round(statistics.median(times), 2) for name, times in spent.items()}
