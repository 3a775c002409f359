"""Contract of a storage backend: a folder on this machine, or a vector database that many machines share."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol

import numpy as np

from niteru.engine.photos.own_work import mark_folder, mark_of
from niteru.engine.photos.photo_stamp import PhotoStamp
from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.generations.generation import Generation
from niteru.indexer.generations.generation_store import GenerationStore

if TYPE_CHECKING:  # a question needs none of them, and they take a while to load
    from niteru.indexer.catalog.catalog import Catalog
    from niteru.indexer.storage.crops import Crops
    from niteru.indexer.storage.report_folder import Origin

WORK = "work"
"""Subfolder of a gallery's folder on this machine that holds unfinished work."""
KEYS = "keys.json"
"""File in a gallery's folder with the keys to a service of it."""


class FaceQueries(Protocol):
    """Questions of a service that every backend answers; a catalogue in SQLite answers many more."""

    def faces(self, ids: list[int]) -> dict[int, FaceRow]:
        """The faces with these ids, by id; those that are gone are left out."""

    def faces_of_photo(self, ref: str) -> list[FaceRow]:
        """The faces of a photo, the labelled one first; empty for an unknown photo."""

    def faces_of_person(self, name: str) -> list[FaceRow]:
        """A person's labelled faces, sorted by photo; empty for an unknown name."""

    def known_name(self, name: str) -> str | None:
        """The name of a person as it is kept, by any spelling; None if nobody has it."""

    def people(self) -> list[tuple[int, str, int]]:
        """Id, name and number of faces of everybody with a face, sorted by name."""

    def original(self, ref: str) -> tuple[Path, PhotoStamp] | None:
        """The file that a photo was read from, and its stamp then; None where this machine does not have it."""

    def vector(self, face: int, model: str) -> np.ndarray | None:
        """The vector that a model made of a face, float32 (dimension,); None if there is none."""

    def close(self) -> None:
        """Release the catalogue; no question may follow."""


class Backend(ABC):
    """Everything about a gallery that depends on where it is stored.

    Attributes:
        name: the gallery's address as people write it.
        folder: on this machine, for the catalogue or a copy of it, unfinished work, and the list of reports.
        generations: store of the gallery's generations.
    """

    name: str
    folder: Path
    generations: GenerationStore

    @property
    @abstractmethod
    def crops(self) -> Crops:
        """Store of the aligned pictures of the faces."""

    @abstractmethod
    def exists(self) -> bool:
        """Whether a gallery has been made here."""

    @property
    def keys_file(self) -> Path:
        """File of the keys by which a service lets others ask this gallery; each machine that serves has its own."""
        return self.folder / KEYS

    @property
    def catalog_file(self) -> Path | None:
        """File of the catalogue; None where it is a copy of what a server has."""
        return None

    def mark(self) -> None:
        """Mark the gallery's folders, where they exist, so that no run takes the crops in them for photos."""
        for folder in self.folders():
            if folder.is_dir() and mark_of(folder) is None:
                mark_folder(folder, {"gallery": self.name})

    def folders(self) -> list[Path]:
        """The folders on this machine that belong to the gallery."""
        return [self.folder]

    @abstractmethod
    def catalog(self, *, readonly: bool) -> Catalog:
        """Open the catalogue, or an up-to-date copy of it; for writing, one that is missing is made.

        Raises:
            CatalogError: see :class:`~niteru.indexer.catalog.catalog.Catalog`.
        """

    @abstractmethod
    def identity(self, catalog: Catalog) -> str:
        """The gallery's own id, by an opened catalogue."""

    @abstractmethod
    def origin(self) -> Origin:
        """Origin that a report has today.

        Raises:
            CatalogError, BackendUnavailable: the catalogue cannot be read.
        """

    @abstractmethod
    def lock(self) -> AbstractContextManager[None]:
        """Hold the gallery for writing, as a context.

        Raises:
            GalleryBusy: another run holds it; the message says which.
        """

    @abstractmethod
    def for_request(self, current: Generation) -> tuple[FaceQueries, Generation]:
        """What one request is answered from: its own catalogue connection, and a generation opened before."""

    def let_go(self) -> None:  # noqa: B027  (a server's client keeps nothing)
        """Close what is kept open from one request to the next, where anything is."""

    def damages(self, catalog: Catalog) -> list[str]:
        """Defects of the stored catalogue, one line each; usually none."""
        return catalog.queries.damages()

    @abstractmethod
    def files(self) -> list[Path]:
        """All files of the gallery on this machine, which a proof of erasure has to search.

        Raises:
            OSError: a folder cannot be listed.
        """


def files_below(folder: Path) -> Iterator[Path]:
    """All files below a folder, also by way of links to other folders.

    Raises:
        OSError: a folder cannot be listed.
    """
    seen = set()
    for inside, folders, files in os.walk(folder, onerror=_fail, followlinks=True):
        folders.sort()
        if (real := Path(inside).resolve()) in seen:
            folders.clear()  # a link in a circle
            continue
        seen.add(real)
        yield from (file for name in sorted(files) if (file := Path(inside, name)).is_file())


def _fail(error: OSError) -> NoReturn:
    raise error
