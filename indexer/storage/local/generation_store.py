"""Generation store in a folder: generations are built aside, made durable, and swapped in by one rename."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from typing_extensions import override

from niteru.engine import Vectors
from niteru.engine.work.extras import ExtraMissing
from niteru.engine.work.write_atomically import sync, write_atomically
from niteru.indexer.generations.canary import Canary
from niteru.indexer.generations.generation import (
    Contents,
    Generation,
    GenerationUnusable,
    IndexChoice,
    Listing,
    about_index,
)
from niteru.indexer.generations.generation_store import KEPT, GenerationStore, VectorsOf
from niteru.indexer.generations.index import FlatIndex, Index, kind_for
from niteru.indexer.generations.index.recall import RecallTooLow, tune
from niteru.indexer.generations.index.vector_file import in_blocks, map_vectors, write_vectors
from niteru.indexer.storage.local.extension import extension
from niteru.indexer.storage.local.generation import (
    CALIBRATION,
    CANARY,
    COLUMNS,
    FRESH,
    INDEX,
    PLACES,
    ROWS,
    STRANGERS,
    SUMS,
    TAKEN,
    VECTORS,
    LocalGeneration,
    open_generation,
)
from niteru.indexer.storage.local.sealing import Seals, link, read_manifest

log = logging.getLogger("niteru")
_SEALED = (VECTORS, INDEX, STRANGERS, CALIBRATION, CANARY)
"""Files that a generation has from the one that it extends."""
_LARGE = (VECTORS, INDEX)
_NEEDED = (VECTORS, STRANGERS, CALIBRATION, CANARY, ROWS, TAKEN, COLUMNS)
_MOVED = "moved"
"""In the manifest of a generation in two parts: see :class:`~niteru.indexer.storage.local.extension.Extension`."""
_WITHDRAWN = ".withdrawn"
_PARTIAL = ".building"
_UNREADABLE = (OSError, ValueError, TypeError, KeyError, RuntimeError, BadZipFile, ExtraMissing)


class LocalGenerationStore(GenerationStore):
    """Generation store in the folder ``generations`` of a gallery, with the file ``CURRENT`` beside it.

    Args:
        gallery: the gallery's folder.
    """

    def __init__(self, gallery: Path) -> None:
        self.name, self._gallery, self._folder = str(gallery), gallery, gallery / "generations"
        self._seals = Seals()

    def folder_of(self, number: int) -> Path:
        """Folder of a generation."""
        return self._folder / f"{number:06d}"

    @override
    def current(self) -> int | None:
        pointed = self._pointed_to()
        if pointed is not None:
            return pointed
        # The pointer is lost (a full disk, a tool that syncs): the newest generation that was not withdrawn is current.
        withdrawn = max((int(file.stem) for file in self._folder.glob(f"*{_WITHDRAWN}")), default=0)
        return next((number for number in reversed(self.published()) if number > withdrawn), None)

    def _pointed_to(self) -> int | None:
        try:
            return int((self._gallery / "CURRENT").read_text())
        except (OSError, ValueError):
            return None

    @override
    def damages(self) -> list[str]:
        if self.current() is None or self._pointed_to() is not None:
            return []
        file = self._gallery / "CURRENT"
        return [f"{file} does not say which generation is current; the newest is taken: niteru index writes it anew"]

    @override
    def published(self) -> list[int]:
        names = [path.name for path in self._folder.iterdir()] if self._folder.is_dir() else []
        return sorted(int(name) for name in names if name.isdigit())

    @override
    def manifest(self, number: int) -> dict[str, Any]:
        return read_manifest(self.folder_of(number))

    @override
    def canary(self, number: int) -> Canary:
        self._seals.check(self.folder_of(number), CANARY, self.manifest(number))
        try:
            return Canary.load(self.folder_of(number) / CANARY)
        except _UNREADABLE as error:
            raise GenerationUnusable(f"generation {number} has no canary: {error}") from None

    @override
    def _open(self, number: int, *, thoroughly: bool) -> Generation:
        manifest, folder = self.manifest(number), self.folder_of(number)
        for part in dict.fromkeys((*_NEEDED, *manifest.get(SUMS, ()))):
            if thoroughly or part not in _LARGE:
                self._seals.check(folder, part, manifest)
        try:
            return open_generation(folder, manifest)
        except _UNREADABLE as error:
            raise GenerationUnusable(f"generation {number} cannot be opened: {error}") from None

    @override
    def gather(self, count: int, dimension: int, blocks: Iterable[Vectors]) -> Vectors:
        self._folder.mkdir(parents=True, exist_ok=True)
        self.sweep()
        self._aside.mkdir()
        write_vectors(self._aside / VECTORS, count, dimension, blocks)
        return map_vectors(self._aside / VECTORS)

    @override
    def publish(self, contents: Contents, choice: IndexChoice) -> int:
        vectors = contents.vectors
        if not isinstance(vectors, np.memmap) or Path(str(vectors.filename)) != self._aside / VECTORS:
            vectors = self.gather(len(vectors), vectors.shape[1], in_blocks(vectors))
        with self._building() as aside:
            index, recall = _build(contents, vectors, choice)
            index.save(aside / INDEX)
            contents.strangers.save(aside / STRANGERS)
            contents.canary.save(aside / CANARY)
            (aside / CALIBRATION).write_text(contents.calibration.to_json())
            return self._finish(contents, about_index(index.kind, index.effort, recall, vectors.shape[1]), {})

    @override
    def extend(self, current: Generation, listing: Listing, vectors_of: VectorsOf) -> int | None:
        assert isinstance(current, LocalGeneration)
        there, before = self.folder_of(current.number), self.manifest(current.number)
        new = extension(current, listing, int(before.get(_MOVED, 0)))
        if new is None:
            return None
        self.sweep()
        self._aside.mkdir()
        with self._building() as aside:
            known = {part: before[SUMS][part] for part in _SEALED if part in before[SUMS]}
            for part in known:
                link(there / part, aside / part)
            if len(new.fresh):
                write_vectors(aside / FRESH, len(new.fresh), before["dimension"], [vectors_of(new.fresh)])
            np.save(aside / PLACES, new.places)
            index = about_index(current.kind, before["effort"], current.recall, before["dimension"])
            return self._finish(listing, {**index, _MOVED: new.moved}, known)

    @property
    def _aside(self) -> Path:
        """Folder that the next generation is built in."""
        return self._folder / f"{max(self._last(), self.current() or 0) + 1:06d}{_PARTIAL}"

    @contextmanager
    def _building(self) -> Iterator[Path]:
        """The folder that the next generation is built in, which goes where that fails."""
        aside = self._aside
        try:
            yield aside
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise

    def _finish(self, listing: Listing, index: dict[str, Any], known: Mapping[str, str]) -> int:
        """Write what is left of the next generation, make it durable, and make it the current one; its number."""
        aside = self._aside
        number = int(aside.name.removesuffix(_PARTIAL))
        np.save(aside / ROWS, np.stack([listing.face_ids, listing.person_ids]))
        np.save(aside / TAKEN, listing.taken)
        (aside / COLUMNS).write_text(listing.columns.as_json(), encoding="utf-8")
        self._seals.seal(aside, listing.manifest(number) | index, known)
        aside.rename(self.folder_of(number))
        sync(self._folder)
        self._point_to(number)
        for old in self.published()[:-KEPT]:
            _remove(self.folder_of(old))
        return number

    @override
    def withdraw(self) -> None:
        last = self._last()
        if last:
            # First of all: a service may still hold the last generation, so its number must never be given again.
            (self._folder / f"{last:06d}{_WITHDRAWN}").touch()
        (self._gallery / "CURRENT").unlink(missing_ok=True)
        for number in self.published():
            _remove(self.folder_of(number))
        self.sweep()

    @override
    def discard(self, number: int) -> None:
        if number != self.current() and self.folder_of(number).exists():
            _remove(self.folder_of(number))

    @override
    def sweep(self) -> None:
        for leftover in self._folder.glob(f"*{_PARTIAL}"):
            shutil.rmtree(leftover)
        current = self.current()
        if current is not None and self._pointed_to() is None:
            self._point_to(current)

    @override
    def _point_to(self, number: int) -> None:
        with write_atomically(self._gallery / "CURRENT", durable=True) as aside:
            aside.write_text(f"{number}\n")

    def _last(self) -> int:
        """Highest number given so far, to withdrawn generations as well."""
        there = self._folder.iterdir() if self._folder.is_dir() else ()
        numbers = (path.name.removesuffix(_WITHDRAWN) for path in there)
        return max((int(number) for number in numbers if number.isdigit()), default=0)


def _build(contents: Contents, vectors: Vectors, choice: IndexChoice) -> tuple[Index, float]:
    """Build and tune the chosen kind of index; the index, and the recall that it reaches."""
    try:
        index = kind_for(choice.kind, len(vectors)).build(vectors)
        return index, tune(index, vectors, contents.person_ids, choice.least_recall)
    except (RecallTooLow, ExtraMissing) as error:
        if not choice.in_any_case:
            raise
        log.warning("%s; building an exact index instead, since the forgotten must not stay in the old one", error)
        return FlatIndex.build(vectors), 1.0


def _remove(folder: Path) -> None:
    """Rename a generation away, then delete it: readers never see half of one."""
    aside = folder.with_name(folder.name + _PARTIAL)
    shutil.rmtree(aside, ignore_errors=True)
    folder.rename(aside)
    shutil.rmtree(aside)
