"""Generation store in a folder: generations are built aside, made durable, and swapped in by one rename."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from typing_extensions import override

from niteru.engine.photos.file_content import sha256_of
from niteru.engine.work.extras import ExtraMissing
from niteru.engine.work.write_atomically import sync, write_atomically
from niteru.indexer.generations.canary import Canary
from niteru.indexer.generations.generation import Contents, Generation, GenerationUnusable, IndexChoice
from niteru.indexer.generations.generation_store import KEPT, GenerationStore
from niteru.indexer.generations.index import FlatIndex, Index, kind_for
from niteru.indexer.generations.index.recall import RecallTooLow, tune
from niteru.indexer.storage.local.generation import (
    CALIBRATION,
    CANARY,
    COLUMNS,
    HUBNESS,
    INDEX,
    ROWS,
    TAKEN,
    open_generation,
)

log = logging.getLogger("niteru")
MANIFEST, SEAL = "manifest.json", "seal"
PARTS = (INDEX, ROWS, HUBNESS, CALIBRATION, CANARY, COLUMNS, TAKEN)
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
        file = self.folder_of(number) / MANIFEST
        try:
            manifest = dict(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise GenerationUnusable(f"{file}: {error}") from None
        if SEAL not in manifest:
            raise GenerationUnusable(f"generation {number} was published by an older niteru: run niteru index once")
        if manifest.pop(SEAL) != _seal_of(manifest):
            raise GenerationUnusable(f"{file} is damaged: run niteru index to publish anew")
        return manifest

    @override
    def canary(self, number: int) -> Canary:
        self._check_part(number, CANARY, self.manifest(number))
        try:
            return Canary.load(self.folder_of(number) / CANARY)
        except _UNREADABLE as error:
            raise GenerationUnusable(f"generation {number} has no canary: {error}") from None

    def _check_part(self, number: int, part: str, manifest: dict[str, Any]) -> None:
        """Compare the checksum of a file before anything parses it."""
        file = self.folder_of(number) / part
        try:
            expected = manifest["sha256"][part]
            found = sha256_of(file)
        except KeyError:
            raise GenerationUnusable(
                f"generation {number} was published by an older niteru: run niteru index once"
            ) from None
        except OSError as error:
            raise GenerationUnusable(f"{file} cannot be read ({error}): run niteru index to publish anew") from None
        if found != expected:
            raise GenerationUnusable(f"{file} is damaged: run niteru index to publish anew")

    @override
    def _open(self, number: int) -> Generation:
        manifest, folder = self.manifest(number), self.folder_of(number)
        for part in PARTS:
            self._check_part(number, part, manifest)
        try:
            return open_generation(folder, manifest)
        except _UNREADABLE as error:
            raise GenerationUnusable(f"generation {number} cannot be opened: {error}") from None

    @override
    def publish(self, contents: Contents, choice: IndexChoice) -> int:
        index, recall = _build(contents, choice)
        self._folder.mkdir(parents=True, exist_ok=True)
        self.sweep()
        number = max(self._last(), self.current() or 0) + 1
        aside = self._folder / f"{number:06d}{_PARTIAL}"
        aside.mkdir()
        index.save(aside / INDEX)
        np.save(aside / ROWS, np.stack([contents.face_ids, contents.person_ids]))
        np.save(aside / HUBNESS, contents.hubness)
        np.save(aside / TAKEN, contents.taken)
        (aside / CALIBRATION).write_text(contents.calibration.to_json())
        contents.canary.save(aside / CANARY)
        (aside / COLUMNS).write_text(contents.columns.as_json(), encoding="utf-8")
        _seal(aside, contents.manifest(number, index.kind, index.effort, recall))
        aside.rename(self.folder_of(number))
        sync(self._folder)
        self._point_to(number)
        for old in self.published()[:-KEPT]:
            _remove(self.folder_of(old))
        return number

    @override
    def withdraw(self) -> None:
        last = self._last() if self._folder.is_dir() else 0
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
        numbers = (path.name.removesuffix(_WITHDRAWN) for path in self._folder.iterdir())
        return max((int(number) for number in numbers if number.isdigit()), default=0)


def _build(contents: Contents, choice: IndexChoice) -> tuple[Index, float]:
    """Build and tune the chosen kind of index; the index, and the recall that it reaches."""
    vectors = contents.vectors
    try:
        index = kind_for(choice.kind, len(vectors)).build(vectors)
        return index, tune(index, vectors, contents.person_ids, choice.least_recall)
    except (RecallTooLow, ExtraMissing) as error:
        if not choice.in_any_case:
            raise
        log.warning("%s; building an exact index instead, since the forgotten must not stay in the old one", error)
        return FlatIndex.build(vectors), 1.0


def _seal(aside: Path, manifest: dict[str, Any]) -> None:
    """Write a finished generation's manifest with the checksums of its files, and make all of it durable."""
    write_manifest(aside, {**manifest, "sha256": {part: sha256_of(aside / part) for part in PARTS}})
    for part in (*PARTS, MANIFEST):
        sync(aside / part)
    sync(aside)


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write a generation's manifest with a checksum of itself."""
    sealed = {**manifest, SEAL: _seal_of(manifest)}
    (folder / MANIFEST).write_text(json.dumps(sealed, indent=1), encoding="utf-8")


def _seal_of(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _remove(folder: Path) -> None:
    """Rename a generation away, then delete it: readers never see half of one."""
    aside = folder.with_name(folder.name + _PARTIAL)
    shutil.rmtree(aside, ignore_errors=True)
    folder.rename(aside)
    shutil.rmtree(aside)
