"""Number of processes that can run at once, as the system and the user allow."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from niteru.engine.failure import Failure

WORKERS = "NITERU_WORKERS"


class BadWorkers(Failure):
    """``NITERU_WORKERS`` is not a number of workers."""


def usable_cores(each: int = 1) -> int:
    """Number of processes that can run at once: ``NITERU_WORKERS``, or the cores that this process may use.

    Args:
        each: processes for each core, where they often wait for something else.

    An affinity (``taskset``) and a container's quota (cgroups, both versions) limit it, as they limit the scheduler.

    Raises:
        BadWorkers: the variable is not a number from 1.
    """
    wanted = os.environ.get(WORKERS, "")
    if wanted:
        if not (wanted.isascii() and wanted.isdigit() and int(wanted) > 0):
            raise BadWorkers(f"{WORKERS}={wanted}: set it to a number of worker processes, from 1, or unset it")
        return int(wanted)
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(min(allowed, _quota() or allowed), 1) * each


def _quota() -> int | None:
    """Number of cores in a container's quota, rounded up; None without a quota."""
    with contextlib.suppress(OSError, ValueError):
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return None if quota == "max" else -(-int(quota) // int(period))
    with contextlib.suppress(OSError, ValueError):
        quota = Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us").read_text()
        period = Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us").read_text()
        return None if int(quota) < 0 else -(-int(quota) // int(period))
    return None
