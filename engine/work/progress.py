"""The progress bar of all long work."""

from __future__ import annotations

import sys

from tqdm import tqdm


def progress_bar(what: str, total: int, unit: str, done: int = 0) -> tqdm:  # type: ignore[type-arg]
    """Show rate and remaining time on standard error; nothing if that is closed, or not a terminal."""
    silent = True if sys.stderr is None else None
    return tqdm(desc=what, total=total, unit=unit, initial=done, disable=silent, dynamic_ncols=True, leave=False)
