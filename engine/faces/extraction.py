"""Photo → faces with their crops and quality, in this process or over an executor of workers."""

from __future__ import annotations

import functools
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import cv2

from niteru.engine.faces.detector import Finder, load_finder
from niteru.engine.faces.face import Face
from niteru.engine.faces.quality import judge
from niteru.engine.photos.decode import PhotoError, Pixels, decode

Task = TypeVar("Task")
Result = TypeVar("Result")


class NoFace(PhotoError):
    """The picture is fine and shows no face."""

    reason = "no-face"


@dataclass(frozen=True, slots=True, eq=False)
class FoundFace:
    """A face, its aligned crop, uint8 RGB (112, 112, 3), what speaks against it, and when in a video it was seen."""

    face: Face
    crop: Pixels
    quality: tuple[str, ...]
    second: float | None = None


def extract(source: bytes | Path, finder: Finder) -> list[FoundFace]:
    """Decode a photo and cut out its faces, the largest first.

    Raises:
        PhotoError: the photo cannot be decoded, or shows no face (:class:`NoFace`).
    """
    found = faces_in(decode(source), finder)
    if not found:
        raise NoFace("no face found in the picture")
    return found


def faces_in(image: Pixels, finder: Finder) -> list[FoundFace]:
    """The faces in a decoded picture, uint8 RGB (height, width, 3), the largest first; none if there are none."""
    crops = [(face, finder.crop(image, face)) for face in finder.find(image)]
    return [FoundFace(face, crop, judge(face, crop)) for face, crop in crops]


@functools.cache
def process_finder(crops: bool) -> Finder:
    """The finder of this process, loaded at first use and kept."""
    return load_finder(crops)


def worker_pool(workers: int | None = None) -> Executor:
    """A pool of fresh processes, one a core by default.

    They are spawned, not forked: a fork copies the locks of threads that do not exist in the child.
    """
    return ProcessPoolExecutor(workers or os.cpu_count(), multiprocessing.get_context("spawn"), _single_threaded)


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
