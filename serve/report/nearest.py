"""Comparison of all people of a report with one another: resumed after an interruption, and shared with a cluster."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path

from filelock import FileLock, Timeout

from niteru.engine.work.cluster import bulk, has_cluster
from niteru.indexer.ask.neighbours import BLOCK, Neighbours, neighbours
from niteru.indexer.ask.persons import Persons
from niteru.indexer.gallery import Gallery
from niteru.indexer.storage.address import GalleryBusy


def nearest_people(gallery: Gallery, persons: Persons, k: int) -> Neighbours:
    """Find the ``k`` nearest people of everybody.

    Raises:
        GalleryBusy: another report of so many people is being made, or somebody was forgotten meanwhile.
    """
    with _work_folder(gallery, persons) as work, _workers(work, persons) as executor:
        return neighbours(persons, k, work, executor)


@contextlib.contextmanager
def _work_folder(gallery: Gallery, persons: Persons) -> Iterator[Path]:
    """Folder for the blocks that are done: inside the gallery if there are several, so that a later run goes on.

    Raises:
        GalleryBusy: another report of so many people is being made, or somebody was forgotten meanwhile.
    """
    with contextlib.ExitStack() as held:
        work = held.enter_context(gallery.passing_folder())
        if len(persons) > BLOCK:  # a single block is soon done again
            with contextlib.suppress(OSError):  # the gallery may be read-only
                work = _kept_work(gallery, held)
        try:
            yield work
        except FileNotFoundError:
            raise GalleryBusy("a person was forgotten meanwhile: make the report again") from None
        shutil.rmtree(work, ignore_errors=True)


def _kept_work(gallery: Gallery, held: contextlib.ExitStack) -> Path:
    gallery.work_folder.mkdir(exist_ok=True)
    try:
        held.enter_context(FileLock(gallery.work_folder / "report.lock", timeout=0))
    except Timeout:
        raise GalleryBusy("another report of this gallery is being made: wait for it to end") from None
    return gallery.work_folder / "report"


@contextlib.contextmanager
def _workers(work: Path, persons: Persons) -> Iterator[Executor | None]:
    """Workers of a cluster that can see the gallery's folder, if there are any and several blocks to compare."""
    if not has_cluster() or len(persons) <= BLOCK:
        yield None
        return
    work.mkdir(parents=True, exist_ok=True)
    probe = work / "here"
    probe.touch()
    with bulk(files=(probe,)) as workers:
        yield workers.executor
