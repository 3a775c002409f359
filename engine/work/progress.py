"""The progress bar of all long work."""

from __future__ import annotations

from tqdm import tqdm


def progress_bar(what: str, total: int, unit: str, done: int = 0) -> tqdm:  # type: ignore[type-arg]
    """Show rate and remaining time on standard error; nothing if that is not a terminal."""
    return tqdm(desc=what, total=total, unit=unit, initial=done, disable=None, dynamic_ncols=True, leave=False)
