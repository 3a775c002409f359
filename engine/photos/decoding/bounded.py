"""Bounds of what decoding a picture may take of the process that does it."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path

SECONDS = 10.0
"""Of processor time that a picture may take where nobody waits for it."""
MOST_MEMORY = 2 * 2**30
"""Bytes of address space beyond what the process has when it begins with the picture."""


@contextlib.contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Have the system end this process when a block has used its processors so long, and refuse it too much memory.

    Only Linux keeps to the second, and Windows to neither.
    """
    if not has_bounds():
        yield
        return
    with _memory_bounded():
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


def has_bounds() -> bool:
    """Whether this system ends a process that has used its processors for so long."""
    return hasattr(signal, "setitimer")


@contextlib.contextmanager
def _memory_bounded() -> Iterator[None]:
    try:
        import resource

        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except (ImportError, OSError):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = used + MOST_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit if soft < 0 else min(limit, soft), hard))  # below 0: there was none
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
