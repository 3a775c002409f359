"""Copying of a gallery to another address or storage backend, with a check that both are the same."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from time import monotonic

import numpy as np

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.failure import Failure
from niteru.engine.work.map_ahead import map_ahead
from niteru.engine.work.progress import progress_bar
from niteru.indexer.catalog.catalog import COPYING, CROPS_AT, ERASING, GALLERY_ID, HOME, TOLD
from niteru.indexer.catalog.connection import CatalogError
from niteru.indexer.catalog.indexing import INDEXING
from niteru.indexer.catalog.labels import SETTLED_BY
from niteru.indexer.catalog.rows import FaceVector
from niteru.indexer.catalog.table_rows import TABLES, TableRow
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.generation import Generation, GenerationUnusable
from niteru.indexer.storage.open import open_backend
from niteru.indexer.update.copies_under_way import remembered_copy
from niteru.indexer.update.proof import finishing
from niteru.indexer.update.publishing import erase, publish_faces
from niteru.indexer.update.traces import Traces

_AT_ONCE = 2_000
_THREADS = 8
_ASKED = 64
_NEAREST = 10
_ROUNDING = 1e-5


class CopyDiffers(Failure):
    """A copy differs from its source."""


@dataclass(frozen=True, slots=True)
class Copied:
    """Numbers of what was copied and checked.

    Attributes:
        rows: of the catalogue, all of them compared.
        faces: labelled ones, with vectors equal to the last bit.
        crops: copied by this run; those that were there already are not counted.
        left_out: faces that the copy had already and the source has no longer: no file of the copy has traces of them.
        questions: asked of both, with the same answers.
        generation: current one of the copy.
        seconds: spent in all.
    """

    rows: int
    faces: int
    crops: int
    left_out: int
    questions: int
    generation: int | None
    seconds: float


def copy_gallery(source: str | Path, target: str | Path) -> Copied:
    """Copy a gallery; an interrupted copy is resumed, and nothing else opens it before it is complete.

    The copy is a gallery of its own: it knows nothing of the source's reports. Whoever is forgotten in the source while
    the copy is made is in neither.

    Args:
        source: address of the gallery, see :func:`niteru.indexer.storage.open.open_backend`.
        target: address of a new gallery, or of an unfinished copy.

    Raises:
        CatalogError: the target is another gallery, or the source is incomplete.
        CopyDiffers: the copy differs from its source.
        GalleryBusy: another run holds the target.
        BackendUnavailable, ModelUnusable: a server or the model cannot be used.
    """
    start = monotonic()
    with Gallery.writing(target, copying=True) as other, ExitStack() as until_complete:
        with closing(Gallery(source)) as one:
            if one.catalog.erasing():
                raise CatalogError(f"{one.name}: a forgetting was interrupted: run {finishing(one)} first")
            _claim(one, other)
            until_complete.enter_context(remembered_copy(one, other.name))
            carried = _carry_over(one, other, source)
        # Looked at when the copy is complete, so that nobody is forgotten between the last look and the end.
        while _is_outdated(other, source):
            with closing(Gallery(source)) as one:
                with other.catalog.transaction():
                    other.catalog.set_setting(COPYING, one.name)
                carried = carried.and_then(_carry_over(one, other, source))
        faces, generation = other.catalog.queries.counts()["faces"], other.generations.current()
    parts = carried.rows, faces, carried.crops, carried.left_out, carried.questions
    return Copied(*parts, generation, monotonic() - start)


@dataclass(frozen=True, slots=True)
class _Carried:
    """What one pass over the source carried over."""

    rows: int
    crops: int
    left_out: int
    questions: int

    def and_then(self, later: _Carried) -> _Carried:
        """Both passes together: the later one compared everything again."""
        return _Carried(later.rows, self.crops + later.crops, self.left_out + later.left_out, later.questions)


def _is_outdated(other: Gallery, source: str | Path) -> bool:
    """Whether somebody was forgotten in the source since the target was made what it was."""
    return open_backend(source).origin().erasures != other.catalog.erasures()


def _carry_over(one: Gallery, other: Gallery, source: str | Path) -> _Carried:
    """Make the target what the source is, check it, and let others open it; or neither if it is outdated already."""
    gone = _drop_outdated(one, other)
    rows = sum(_copy_table(one, other, table) for table in TABLES)
    crops = _copy_crops(one, other)
    detector = one.catalog.queries.detector()
    if detector:
        publish_faces(other, Embedder(other.model_folder()), detector)
    else:
        other.generations.withdraw()
        other.sweep_crops()
    erase(other)
    if traces := Traces([face.vector.tobytes() for face in gone], []).left_in(other.backend.files()):
        raise CopyDiffers(f"{traces[0]} has traces of faces that {one.name} no longer has: delete {other.name}")
    try:
        questions = _compare(one, other)
    except (CopyDiffers, GenerationUnusable):
        if not _is_outdated(other, source):
            raise
        return _Carried(rows, crops, len(gone), 0)
    with other.catalog.transaction():
        other.catalog.drop_setting(COPYING)
    return _Carried(rows, crops, len(gone), questions)


def _claim(one: Gallery, other: Gallery) -> None:
    """Mark the target as an unfinished copy, if it is new or one already."""
    begun = other.catalog.queries.setting(COPYING)
    if begun is None and other.catalog.queries.photos():
        raise CatalogError(f"{other.name} holds photos already: copy into a new gallery")
    if begun is not None and begun != one.name:
        raise CatalogError(f"{other.name} is half a copy of {begun}: complete that copy, or copy into a new gallery")
    with other.catalog.transaction():
        other.catalog.set_setting(COPYING, one.name)


def _drop_outdated(one: Gallery, other: Gallery) -> list[FaceVector]:
    """Delete or update rows of an earlier pass that the source has since deleted or changed; the faces deleted."""
    here, there = other.catalog.tables, one.catalog.tables
    gone = {table: here.keys(table) - there.keys(table) - _own(table) for table in TABLES}
    faces = other.catalog.queries.vectors_of_faces(gone["faces"])
    with other.catalog.transaction():
        here.defer_references()
        for table in reversed(TABLES):
            here.drop_rows(table, gone[table])
        for table in ("people", "photos"):
            if here.keys(table):
                for block in _blocks(one, table):
                    here.put_rows(table, block)
        if gone["faces"] or gone["photos"] or gone["people"]:
            other.catalog.owe_erasure()
    return faces


def _own(table: str) -> set[str]:
    """Keys that belong to each gallery alone, and are not copied."""
    return {GALLERY_ID, HOME, CROPS_AT, COPYING, ERASING, INDEXING, TOLD, SETTLED_BY} if table == "meta" else set()


def _copy_table(one: Gallery, other: Gallery, table: str) -> int:
    """Copy all rows of a table; their number."""
    number = 0
    with progress_bar(table, len(one.catalog.tables.keys(table)), "row") as bar:
        for block in _blocks(one, table):
            with other.catalog.transaction():
                other.catalog.tables.put_rows(table, block)
            number += len(block)
            bar.update(len(block))
    return number


def _blocks(gallery: Gallery, table: str) -> Iterator[list[TableRow]]:
    """Iterate over the rows of a table that are copied, in blocks."""
    own = _own(table)
    for block in gallery.catalog.tables.rows(table, _AT_ONCE):
        yield [row for row in block if row[TABLES[table]] not in own]


def _copy_crops(one: Gallery, other: Gallery) -> int:
    """Copy the crops that the target lacks, as far as the source has them; their number."""
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
    """Compare rows, crops and answers of both; the number of questions asked.

    Raises:
        CopyDiffers: something differs.
    """
    for table in TABLES:
        if table in ("events", "history"):  # publishing adds to them
            continue
        for here, there in zip_longest(_blocks(one, table), _blocks(other, table)):
            if here != there:
                raise CopyDiffers(f"{other.name}: its {table} differ from those of {one.name}: copy again")
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
            raise CopyDiffers(
                f"{other.name} answers differently from {one.name} to face {face}: copy into a new gallery"
            )
    return len(faces)


def _answer_alike(before: Generation, after: Generation, face: int) -> bool:
    """Whether both find faces of the same similarities; equally near faces may differ."""
    vector = before.vector(face)
    if vector is None or after.vector(face) is None:
        return False
    if before.recall < 1 or after.recall < 1:
        return True  # neither promises to find them all
    here, there = (generation.nearest(vector, _NEAREST) for generation in (before, after))
    return bool(np.abs(here.similarities - there.similarities).max() < _ROUNDING)
