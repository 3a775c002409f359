"""Waiting for what other threads and processes do."""

from __future__ import annotations

import time
from collections.abc import Callable


def soon(what: Callable[[], object], seconds: float = 60) -> bool:
    """Whether something comes true within so many seconds, which are many: a busy machine takes its time."""
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
