"""Cost of a command and of all that it starts, also of processes that outlive it by a moment.

The process that workers are forked from ends when it sees that the command has ended, so that the command cannot wait
for it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter
from typing import NamedTuple

from bench.release.failed import CheckFailed

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


class Spent(NamedTuple):
    """Seconds from the start of a command to its end, and core-seconds of it and of all that it started."""

    wall: float
    core: float


def spent_by(command: list[str], folder: Path, variables: Mapping[str, str] | None = None) -> Spent:
    """Run a command in a folder, by default with this process's environment.

    Raises:
        CheckFailed: it ended with an error; the message has what it printed.
    """
    with orphans_adopted(), TemporaryFile() as told:
        start = perf_counter()
        run = subprocess.Popen(
            command, cwd=folder, env=variables, stdout=told, stderr=subprocess.STDOUT, start_new_session=True
        )
        _, status, usage = os.wait4(run.pid, 0)
        wall, left = perf_counter() - start, core_seconds_left(run.pid)
        run.returncode = os.waitstatus_to_exitcode(status)
        if run.returncode:
            told.seek(0)
            raise CheckFailed(f"{' '.join(command)} ended with {run.returncode}:\n{told.read()[-3000:].decode()}")
    return Spent(wall, usage.ru_utime + usage.ru_stime + left)
