"""A pool of processes on this machine, and work handed to any executor a little ahead of what is taken."""

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

Task = TypeVar("Task")
Result = TypeVar("Result")
_MAIN = threading.Lock()


def worker_pool(workers: int | None = None) -> Executor:
    """A pool of fresh processes, one a core by default.

    They are spawned, not forked: a fork copies the locks of threads that do not exist in the child. And they import
    what they run, not the program that started them: a script without ``if __name__ == "__main__"`` would begin anew
    in each.
    """
    return _Pool(workers or os.cpu_count(), multiprocessing.get_context("spawn"), _single_threaded)


class _Pool(ProcessPoolExecutor):
    """Workers to whom the main module is unknown."""

    def submit(self, work: Callable[..., Result], /, *args: Any, **options: Any) -> Future[Result]:
        """Hand in work; with the first of it, all workers are started."""
        with _MAIN, _without_main_module():
            return super().submit(work, *args, **options)


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


def _single_threaded() -> None:
    """One thread of inference a worker, or N workers × N threads fight over N cores."""
    cv2.setNumThreads(1)


def map_ahead(
    executor: Executor, work: Callable[[Task], Result], tasks: Iterable[Task], ahead: int = 32
) -> Iterator[tuple[Task, Result]]:
    """Run ``work`` over ``tasks`` with at most ``ahead`` in flight, and yield in the order of the tasks.

    ``Executor.map`` submits everything at once and keeps every finished result until it is taken: with crops in
    them, a large folder would fill the memory.
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
