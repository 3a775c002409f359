"""Worker processes on this machine: as many as may run, gone when their parent is, ended when nobody wants their work.

The executor of :mod:`concurrent.futures` does the work. Here it learns what a command needs: workers that do not run
the caller's script again, that leave Ctrl-C to their parent, and that outlive neither a parent that is killed nor work
that is broken off. (loky, tried for its own answers to this, keeps its workers when the parent is killed.)
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

from niteru.engine.failure import Failure

log = logging.getLogger("niteru")
WORKERS = "NITERU_WORKERS"
Result = TypeVar("Result")
_PATIENCE_S = 5.0
_starting = threading.Lock()


class BadWorkers(Failure):
    """``NITERU_WORKERS`` is no number of workers."""


def usable_cores() -> int:
    """How many processes can run at once: ``NITERU_WORKERS``, or the cores that this process may use.

    An affinity (``taskset``) and a container's quota (cgroups, both versions) count, as they do for the scheduler.

    Raises:
        BadWorkers: the variable is no number from 1.
    """
    wanted = os.environ.get(WORKERS, "")
    if wanted:
        if not (wanted.isascii() and wanted.isdigit() and int(wanted) > 0):
            raise BadWorkers(f"{WORKERS}={wanted}: give a number of worker processes, from 1, or unset it")
        return int(wanted)
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(min(allowed, _quota() or allowed), 1)


def _quota() -> int | None:
    """Cores that a container's quota amounts to, rounded up; None without a quota."""
    with contextlib.suppress(OSError, ValueError):
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return None if quota == "max" else -(-int(quota) // int(period))
    with contextlib.suppress(OSError, ValueError):
        quota = Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us").read_text()
        period = Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us").read_text()
        return None if int(quota) < 0 else -(-int(quota) // int(period))
    return None


def worker_pool(workers: int | None = None) -> Executor:
    """A pool of fresh processes, by default as many as :func:`usable_cores`; one thread of this process without them.

    They are spawned, not forked: a fork copies the locks of threads that do not exist in the child. And they import
    what they run, not the program that started them: a script without ``if __name__ == "__main__"`` would begin anew
    in each.

    Example:
        >>> with worker_pool(2) as pool:
        ...     list(pool.map(abs, [-1, 2, -3]))
        [1, 2, 3]
    """
    try:
        return _Pool(workers or usable_cores(), multiprocessing.get_context("spawn"), _begin)
    except OSError as error:
        log.warning("all work is done in one process: worker processes need /dev/shm, or the like (%s)", error)
        return ThreadPoolExecutor(1)


class _Pool(ProcessPoolExecutor):
    """Workers that are ended with the work that they are for."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._processes_started: set[BaseProcess] = set()

    def submit(self, work: Callable[..., Result], /, *args: Any, **options: Any) -> Future[Result]:
        """Hand in work; the first of it starts the workers."""
        with _starting:
            before = set(multiprocessing.active_children())
            with _without_main_module(), _interrupts_held():
                future = super().submit(work, *args, **options)
            self._processes_started |= set(multiprocessing.active_children()) - before
        return future

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the work, unless it was broken off: nobody wants the rest of it then."""
        if kind is not None:
            self.shutdown(wait=False, cancel_futures=True)
            for process in self._processes_started:
                process.terminate()
            for process in self._processes_started:
                process.join(_PATIENCE_S)
        super().__exit__(kind, error, trace)


@contextlib.contextmanager
def _without_main_module() -> Iterator[None]:
    """Hide from :mod:`multiprocessing` where the main module comes from, so that a process it starts runs none."""
    main = sys.modules["__main__"]
    kept: dict[str, Any] = {name: vars(main).pop(name) for name in ("__file__", "__spec__") if name in vars(main)}
    main.__spec__ = None
    try:
        yield
    finally:
        vars(main).update(kept)


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Keep Ctrl-C, which goes to a whole group of processes, from those that are started here: their parent answers it.

    What they inherit blocked they never see, from their first instruction on; the parent gets it at the end.
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
    """Runs in a worker, first of all."""
    # One thread of inference a worker, or N workers × N threads fight over N cores.
    cv2.setNumThreads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Runs in a thread of a worker: a parent that is killed cannot say goodbye, but its end can be seen."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
