"""Copy a gallery from one backend to another, and see that the copy is one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from time import monotonic

import numpy as np

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.failure import Failure
from niteru.engine.work.map_ahead import map_ahead
from niteru.engine.work.progress import progress_bar
from niteru.indexer.catalog.catalog import COPYING, CROPS_AT
from niteru.indexer.catalog.database import CatalogError
from niteru.indexer.catalog.tables import TABLES, TableRow
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.generation import Generation
from niteru.indexer.update.publishing import publish_faces

_AT_ONCE = 2_000
_THREADS = 8
_ASKED = 64
_NEAREST = 10
_ROUNDING = 1e-5


class CopyDiffers(Failure):
    """A copy is not what it was copied from."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied, and how that was checked.

    Attributes:
        rows: of the catalogue, all compared again.
        faces: labelled ones, with vectors equal to the last bit.
        crops: pictures that were copied; those that were there already are not counted.
        questions: that both answer alike.
        generation: of the copy.
        seconds: all of it.
    """

    rows: int
    faces: int
    crops: int
    questions: int
    generation: int | None
    seconds: float


def copy_gallery(source: str | Path, target: str | Path) -> Copied:
    """Copy a gallery; a copy that was interrupted goes on, and nothing else reads it before it is whole.

    Args:
        source: a place, see :func:`niteru.indexer.storage.open.open_backend`.
        target: another, of a new gallery.

    Raises:
        CatalogError: the target is another gallery, or the source is not whole.
        CopyDiffers: the copy is none.
        GalleryBusy, BackendUnavailable, ModelUnusable: as their modules say.
    """
    start = monotonic()
    with closing(Gallery(source)) as one, Gallery.writing(target, copying=True) as other:
        if one.catalog.erasing():
            raise CatalogError(f"{one.name}: a forgetting was interrupted: run make index first, which ends it")
        _claim(one, other)
        _take_back(one, other)
        rows = sum(_copy_table(one, other, table) for table in TABLES)
        crops = _copy_crops(one, other)
        detector = one.catalog.queries.detector()
        if detector:
            publish_faces(other, Embedder(other.model_folder()), detector)
        questions = _compare(one, other)
        with other.catalog.transaction():
            other.catalog.drop_setting(COPYING)
        faces, generation = other.catalog.queries.counts()["faces"], other.generations.current()
    return Copied(rows, faces, crops, questions, generation, monotonic() - start)


def _claim(one: Gallery, other: Gallery) -> None:
    """Mark a new gallery as being copied into."""
    begun = other.catalog.queries.setting(COPYING)
    if begun is None and other.catalog.queries.photos():
        raise CatalogError(f"{other.name} holds photos already: copy into a new gallery")
    if begun is not None and begun != one.name:
        raise CatalogError(f"{other.name} is half a copy of {begun}: end that one, or copy into a new gallery")
    with other.catalog.transaction():
        other.catalog.set_setting(COPYING, one.name)


def _take_back(one: Gallery, other: Gallery) -> None:
    """Drop what an earlier try brought and the source has no more, or otherwise; people move with their photos."""
    with other.catalog.transaction():
        other.catalog.tables.defer_references()
        for table in reversed(TABLES):
            other.catalog.tables.drop_rows(
                table, other.catalog.tables.keys(table) - one.catalog.tables.keys(table) - _own(table)
            )
        for table in ("people", "photos"):
            if other.catalog.tables.keys(table):
                for block in _blocks(one, table):
                    other.catalog.tables.put_rows(table, block)


def _own(table: str) -> set[str]:
    """Keys that a backend has for itself."""
    return {CROPS_AT, COPYING} if table == "meta" else set()


def _copy_table(one: Gallery, other: Gallery, table: str) -> int:
    """Enter all rows of a table; their number."""
    number = 0
    with progress_bar(table, len(one.catalog.tables.keys(table)), "row") as bar:
        for block in _blocks(one, table):
            with other.catalog.transaction():
                other.catalog.tables.put_rows(table, block)
            number += len(block)
            bar.update(len(block))
    return number


def _blocks(gallery: Gallery, table: str) -> Iterator[list[TableRow]]:
    """The rows of a table that are no backend's own, some at a time."""
    own = _own(table)
    for block in gallery.catalog.tables.rows(table, _AT_ONCE):
        yield [row for row in block if row[TABLES[table]] not in own]


def _copy_crops(one: Gallery, other: Gallery) -> int:
    """Copy the crops that the other does not have; a face that lost its crop has none there, either."""
    missing = sorted((one.crops.kept() & one.catalog.queries.face_ids()) - other.crops.kept())

    def copy(face: int) -> None:
        data = one.crops.data(face)
        if data:
            other.crops.put(face, data)

    with ThreadPoolExecutor(_THREADS) as pool, progress_bar("crops", len(missing), "crop") as bar:
        for _ in map_ahead(pool, copy, missing):
            bar.update()
    return len(missing)


def _compare(one: Gallery, other: Gallery) -> int:
    """See that both are the same, and answer alike; the number of questions asked of both.

    Raises:
        CopyDiffers: they are not, or do not.
    """
    for table in TABLES:
        if table == "events":  # publishing is one
            continue
        for here, there in zip_longest(_blocks(one, table), _blocks(other, table)):
            if here != there:
                raise CopyDiffers(f"{other.name}: {table} are not those of {one.name}: copy again")
    lost = (one.crops.kept() & one.catalog.queries.face_ids()) - other.crops.kept()
    if lost:
        raise CopyDiffers(f"{other.name}: {len(lost)} crops did not arrive: copy again")
    return _ask_both(one, other)


def _ask_both(one: Gallery, other: Gallery) -> int:
    if one.generations.current() is None or other.generations.current() is None:
        return 0
    before, after = one.generation, other.generations.load()
    faces = before.face_ids[np.unique(np.linspace(0, len(before.face_ids) - 1, _ASKED).astype(int))].tolist()
    for face in faces:
        if not _answer_alike(before, after, face):
            raise CopyDiffers(f"{other.name}: face {face} is answered otherwise than by {one.name}")
    return len(faces)


def _answer_alike(before: Generation, after: Generation, face: int) -> bool:
    """Whether the nearest are the same; of equally near ones any."""
    vector = before.vector(face)
    if vector is None or after.vector(face) is None:
        return False
    if before.recall < 1 or after.recall < 1:
        return True  # neither promises to find them all
    here, there = (some.nearest(vector, _NEAREST) for some in (before, after))
    return bool(np.abs(here.similarities - there.similarities).max() < _ROUNDING)
