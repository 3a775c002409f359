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
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, TypeVar

from typing_extensions import override

from niteru.engine.work.usable_cores import usable_cores

log = logging.getLogger("niteru")
Result = TypeVar("Result")
_PATIENCE_S = 5.0
_ARENAS = "MALLOC_ARENA_MAX"
_starting = threading.Lock()


def worker_pool(workers: int | None = None, imports: Sequence[str] = ()) -> Executor:
    """Open a pool of fresh processes, by default :func:`usable_cores` of them; where none can start, of one thread.

    They are no forks of this process: a fork copies the locks of threads that do not exist in the child. And they
    import what they run, not the program that started them: a script without ``if __name__ == "__main__"`` would run
    again in each.

    Args:
        workers: how many.
        imports: modules to begin with. On Linux one fresh process imports them and is forked for each worker, so that
            they are loaded once and in memory once; it waits for further pools as long as this process lives.

    Example:
        >>> with worker_pool(2) as pool:
        ...     list(pool.map(abs, [-1, 2, -3]))
        [1, 2, 3]
    """
    try:
        return _Pool(workers or usable_cores(), _context(imports), _begin, (dict(os.environ),))
    except OSError as error:
        log.warning("all work is done in this process: worker processes need shared memory, as in /dev/shm (%s)", error)
        return ThreadPoolExecutor(1)


def _context(imports: Sequence[str]) -> BaseContext:
    if not imports or sys.platform != "linux" or not hasattr(os, "fork"):  # libraries of macOS bear no fork
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*imports])
    return context


class _Pool(ProcessPoolExecutor):
    """A pool whose processes do not import the main module and end with their work, or when one of them is ended.

    Python's own pool notices that, too, but not while it reads a result: it waits for the rest of one that was cut off,
    for as long as any other process could still write there.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._processes_started: set[BaseProcess] = set()
        self._results = self._result_queue  # which the pool forgets when it shuts down
        self._leaving = False

    @override
    def submit(self, work: Callable[..., Result], /, *args: Any, **options: Any) -> Future[Result]:
        with _starting:  # the first task starts the processes
            before = set(multiprocessing.active_children())
            with _without_main_module(), _interrupts_held(), _two_arenas():
                future = super().submit(work, *args, **options)
            started = set(multiprocessing.active_children()) - before
            self._processes_started |= started
        for process in started:
            threading.Thread(target=self._watch, args=(process,), daemon=True).start()
        return future

    @override
    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        with self._shutdown_lock:
            self._leaving = True
        super().shutdown(wait, cancel_futures=cancel_futures)

    def _watch(self, process: BaseProcess) -> None:
        """Wait for the end of a process, and should it come too early, end all others and what waits for a result."""
        wait([process.sentinel])
        if self._leaving:
            return
        self._end()
        with self._shutdown_lock:  # no process is being started, and the pool does not close the same
            if not self._leaving:
                self._broken = "a worker process was ended"  # type: ignore[assignment]
                self._results._writer.close()  # type: ignore[attr-defined]

    def _end(self) -> None:
        started = tuple(self._processes_started)  # to which another thread may add
        for process in started:
            process.terminate()
        for process in started:
            wait([process.sentinel], _PATIENCE_S)

    @override
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:  # the work was cancelled, so the rest of it is not wanted
            keeper: threading.Thread | None = self._executor_manager_thread  # type: ignore[assignment]
            self.shutdown(wait=False, cancel_futures=True)
            self._end()
            self._results._writer.close()  # type: ignore[attr-defined]
            if keeper is not None:  # Python would wake it as it ends, which fails while it closes what it is woken by
                keeper.join(_PATIENCE_S)
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
    """Answer no signal while a process is being started: interrupted half way, it would wait for its orders in vain.

    Ctrl-C reaches a whole group of processes and is the parent's to handle: those started meanwhile inherit it blocked.
    """
    held: list[int] = []
    handlers = _set_aside(held)
    blocked = {signal.SIGINT} if hasattr(signal, "pthread_sigmask") else set()  # Windows: ignored once they run
    before = signal.pthread_sigmask(signal.SIG_BLOCK, blocked) if blocked else None
    try:
        yield
    finally:
        if before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for number in held:
            signal.raise_signal(number)


@contextlib.contextmanager
def _two_arenas() -> Iterator[None]:
    """Have glibc keep the memory that a process frees in two stores instead of eight for each core.

    A process of a service, with its sixteen threads, keeps twenty megabytes less, and one that reads photos four.
    """
    chosen = _ARENAS in os.environ
    os.environ.setdefault(_ARENAS, "2")
    try:
        yield
    finally:
        if not chosen:
            del os.environ[_ARENAS]


def _set_aside(held: list[int]) -> dict[int, Any]:
    """Let the signals that Python handles be noted instead; the handlers until now. Only the main thread can."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    numbers = [number for number in signal.valid_signals() if callable(signal.getsignal(number))]
    return {number: signal.signal(number, lambda caught, _: held.append(caught)) for number in numbers}


def start_fresh(work: Callable[..., object], *args: Any) -> BaseProcess:
    """Start one process for a function; like those of a pool it imports what it runs, and no main module."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=args)
    with _starting, _without_main_module(), _interrupts_held(), _two_arenas():
        process.start()
    return process


def _begin(environment: dict[str, str]) -> None:
    """Prepare a worker process."""
    import cv2  # who starts processes and does nothing else, as a service's first one does, goes without it

    os.environ.update(environment)  # the process that it was forked from may have begun long ago
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
