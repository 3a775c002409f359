"""A pool of local processes, and tasks given to any executor a little ahead of their results' use."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from itertools import islice
from typing import Any, TypeVar

import cv2
from typing_extensions import override

Task = TypeVar("Task")
Result = TypeVar("Result")
_MAIN = threading.Lock()


def worker_pool(workers: int | None = None) -> Executor:
    """Open a pool of fresh processes, one for each core by default.

    They are spawned, not forked: a fork copies the locks of threads that do not exist in the child. And they import
    what they run, not the program that started them: a script without ``if __name__ == "__main__"`` would run again
    in each.

    Example:
        >>> with worker_pool(1) as pool:
        ...     pool.submit(pow, 2, 10).result()
        1024
    """
    return _Pool(workers or os.cpu_count(), multiprocessing.get_context("spawn"), _single_threaded)


class _Pool(ProcessPoolExecutor):
    """A pool whose processes do not import the main module."""

    @override
    def submit(self, work: Callable[..., Result], /, *args: Any, **options: Any) -> Future[Result]:
        with _MAIN, _without_main_module():  # the first task starts the processes
            return super().submit(work, *args, **options)


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


def _single_threaded() -> None:
    """Let OpenCV use one thread: N processes × N threads would compete for N cores."""
    cv2.setNumThreads(1)


def map_ahead(
    executor: Executor, work: Callable[[Task], Result], tasks: Iterable[Task], ahead: int = 32
) -> Iterator[tuple[Task, Result]]:
    """Run ``work`` on each of ``tasks``, at most ``ahead`` of them at once, and yield the results in order.

    ``Executor.map`` submits everything at once and keeps every finished result until it is used: a large folder's
    crops would fill the memory.

    Example:
        >>> from concurrent.futures import ThreadPoolExecutor
        >>> with ThreadPoolExecutor() as pool:
        ...     list(map_ahead(pool, str.upper, ["ada", "alan"], ahead=1))
        [('ada', 'ADA'), ('alan', 'ALAN')]
    """
    waiting: deque[tuple[Task, Future[Result]]] = deque()
    source = iter(tasks)
    while True:
        for task in islice(source, ahead - len(waiting)):
            waiting.append((task, executor.submit(work, task)))
        if not waiting:
            return
        task, future = waiting.popleft()
        yield task, future.result()
