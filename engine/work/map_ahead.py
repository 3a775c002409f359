"""Work handed to an executor a little ahead of what is taken of it."""

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
