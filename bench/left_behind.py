"""Processes that outlive the command that started them by a moment: their core-seconds count as its own.

The process that workers are forked from ends when it sees that the command has ended, so that the command cannot wait
for it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator

_PR_SET_CHILD_SUBREAPER = 36


@contextlib.contextmanager
def orphans_adopted() -> Iterator[None]:
    """Let this process wait for the descendants of its children, on Linux, the only system where it can."""
    _adopt(1)
    try:
        yield
    finally:
        _adopt(0)


def _adopt(yes: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, yes, 0, 0, 0)


def core_seconds_left(group: int) -> float:
    """Wait for what is left of a group of processes, and return the core-seconds of it and of what it waited for."""
    spent = 0.0
    with contextlib.suppress(ChildProcessError):
        while True:
            _, _, usage = os.wait4(-group, 0)
            spent += usage.ru_utime + usage.ru_stime
    return spent
