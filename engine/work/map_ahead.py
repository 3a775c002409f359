"""Tasks given to an executor a little ahead of the use of their results."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from itertools import islice
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


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
    for task, future in submit_ahead(executor, work, tasks, ahead):
        yield task, future.result()


def submit_ahead(
    executor: Executor, work: Callable[[Task], Result], tasks: Iterable[Task], ahead: int
) -> Iterator[tuple[Task, Future[Result]]]:
    """As :func:`map_ahead`, but yield what will have each result, or its failure."""
    waiting: deque[tuple[Task, Future[Result]]] = deque()
    source = iter(tasks)
    while True:
        for task in islice(source, ahead - len(waiting)):
            waiting.append((task, executor.submit(work, task)))
        if not waiting:
            return
        yield waiting.popleft()
