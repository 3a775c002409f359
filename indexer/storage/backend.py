"""The backends that a gallery can live in: a folder of this machine, or a vector database that many machines ask."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from niteru.engine.photos.own_work import mark_folder, mark_of
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.generations.generation import Generation
from niteru.indexer.generations.store import GenerationStore

if TYPE_CHECKING:  # what reads files anywhere takes a while to load, and a question needs none
    from niteru.indexer.storage.crops import Crops

WORK = "work"
"""Of a gallery's folder on this machine: what is half done."""


class FaceQueries(Protocol):
    """What a service asks of a catalogue; see :class:`~niteru.indexer.catalog.queries.CatalogQueries`."""

    def faces(self, ids: list[int]) -> dict[int, FaceRow]:
        """See there."""

    def faces_of_photo(self, ref: str) -> list[FaceRow]:
        """See there."""

    def faces_of_person(self, name: str) -> list[FaceRow]:
        """See there."""

    def people(self) -> list[tuple[int, str, int]]:
        """See there."""

    def vector(self, face: int, model: str) -> np.ndarray | None:
        """See there."""

    def close(self) -> None:
        """No more questions."""


class Backend(ABC):
    """Everything that differs between the backends; a gallery is the same in all.

    Attributes:
        name: as people say it.
        folder: of this machine, for the catalogue or a copy of it, work that is half done, and where reports lie.
        generations: the generations.
    """

    name: str
    folder: Path
    generations: GenerationStore

    @property
    @abstractmethod
    def crops(self) -> Crops:
        """Pictures of the faces."""

    @abstractmethod
    def exists(self) -> bool:
        """Whether there is a gallery."""

    def mark(self) -> None:
        """Mark the folders of a gallery that is there, so that nobody takes the crops in them for photos."""
        for folder in self.folders():
            if folder.is_dir() and mark_of(folder) is None:
                mark_folder(folder, {"gallery": self.name})

    def folders(self) -> list[Path]:
        """The folders of this machine that the gallery fills."""
        return [self.folder]

    @abstractmethod
    def catalog(self, *, readonly: bool) -> Catalog:
        """Open the catalogue, or as good a copy of it; made if it is written to and not there.

        Raises:
            CatalogError: see :class:`~niteru.indexer.catalog.catalog.Catalog`.
        """

    @abstractmethod
    def lock(self) -> AbstractContextManager[None]:
        """Hold the gallery for writing.

        Raises:
            GalleryBusy: another run holds it; says which.
        """

    @abstractmethod
    def for_request(self, current: Generation) -> tuple[FaceQueries, Generation]:
        """What one question is answered from: the catalogue, and a generation that was opened before."""

    def damages(self, catalog: Catalog) -> list[str]:
        """What is wrong with the catalogue's keeping; usually nothing."""
        return catalog.queries.damages()

    @abstractmethod
    def files(self) -> list[Path]:
        """All files of the gallery on this machine, where something that was forgotten could be left."""
