"""Other processes, any of which may end at any moment."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path


def command_of(pid: int) -> bytes:
    """The words of a process's command, each ended by a zero byte; none once it has ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def children_of(pid: int) -> list[int]:
    """The processes that a process has started with its first thread; none once it has ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def answering(service: int) -> list[int]:
    """The processes of a service that answer, without the one that keeps multiprocessing's accounts."""
    return [one for one in children_of(service) if b"spawn_main" in command_of(one)]


def kill(pid: int) -> None:
    """End a process, unless it has ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
