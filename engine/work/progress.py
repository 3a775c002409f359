"""One kind of progress bar for all long work."""

from __future__ import annotations

import sys

from tqdm import tqdm


def progress_bar(what: str, total: int, unit: str, done: int = 0) -> tqdm:  # type: ignore[type-arg]
    """A bar with rate and remaining time on standard error; silent when that is no terminal, or closed."""
    silent = True if sys.stderr is None else None
    return tqdm(desc=what, total=total, unit=unit, initial=done, disable=silent, dynamic_ncols=True, leave=False)
