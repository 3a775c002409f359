"""Local worker processes: as many as may run, and none that outlives its parent or its work.

They belong to an executor of :mod:`concurrent.futures`, with what a command needs in addition: workers that do not run
the caller's script again, that leave Ctrl-C to their parent, and that outlive neither a killed parent nor cancelled
work. (loky, which was tried for the same purpose, leaves its workers running when the parent is killed.)
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import cv2
from typing_extensions import override

from niteru.engine.failure import Failure

log = logging.getLogger("niteru")
WORKERS = "NITERU_WORKERS"
Result = TypeVar("Result")
_PATIENCE_S = 5.0
_starting = threading.Lock()


class BadWorkers(Failure):
    """``NITERU_WORKERS`` is not a number of workers."""


def usable_cores() -> int:
    """Number of processes that can run at once: ``NITERU_WORKERS``, or the cores that this process may use.

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
    return max(min(allowed, _quota() or allowed), 1)


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


def worker_pool(workers: int | None = None) -> Executor:
    """Open a pool of fresh processes, by default :func:`usable_cores` of them; where none can start, of one thread.

    They are spawned, not forked: a fork copies the locks of threads that do not exist in the child. And they import
    what they run, not the program that started them: a script without ``if __name__ == "__main__"`` would run again
    in each.

    Example:
        >>> with worker_pool(2) as pool:
        ...     list(pool.map(abs, [-1, 2, -3]))
        [1, 2, 3]
    """
    try:
        return _Pool(workers or usable_cores(), multiprocessing.get_context("spawn"), _begin)
    except OSError as error:
        log.warning("all work is done in this process: worker processes need shared memory, as in /dev/shm (%s)", error)
        return ThreadPoolExecutor(1)


class _Pool(ProcessPoolExecutor):
    """A pool whose processes do not import the main module and end with their work."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._processes_started: set[BaseProcess] = set()

    @override
    def submit(self, work: Callable[..., Result], /, *args: Any, **options: Any) -> Future[Result]:
        with _starting:  # the first task starts the processes
            before = set(multiprocessing.active_children())
            with _without_main_module(), _interrupts_held():
                future = super().submit(work, *args, **options)
            self._processes_started |= set(multiprocessing.active_children()) - before
        return future

    @override
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:  # the work was cancelled, so the rest of it is not wanted
            self.shutdown(wait=False, cancel_futures=True)
            for process in self._processes_started:
                process.terminate()
            for process in self._processes_started:
                process.join(_PATIENCE_S)
        super().__exit__(kind, error, trace)


@contextlib.contextmanager
def _without_main_module() -> Iterator[None]:
    """Hide the main module's file from :mod:`multiprocessing`, so that the processes it starts do not run it."""
    main = sys.modules["__main__"]
    kept: dict[str, Any] = {name: vars(main).pop(name) for name in ("__file__", "__spec__") if name in vars(main)}
    main.__spec__ = None
    try:
        yield
    finally:
        vars(main).update(kept)


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Block Ctrl-C, which reaches a whole group of processes, in those started meanwhile: their parent handles it.

    They inherit the blocked signal and so never see it; the parent receives it afterwards.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows: workers ignore it as soon as they run
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """Prepare a worker process."""
    # One thread in each, or N processes × N threads would compete for N cores.
    cv2.setNumThreads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait in a worker's thread for the end of the parent, which cannot notify its workers when it is killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
