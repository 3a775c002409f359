"""Waiting for what other threads and processes do."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 900
"""Seconds after which something hangs: on a busy machine, what takes ten seconds elsewhere has taken 300."""


def soon(what: Callable[[], object], seconds: float = PATIENCE_S) -> bool:
    """Whether something comes true within so many seconds."""
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
