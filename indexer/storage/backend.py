"""The houses that a gallery can live in: a folder of this machine, or a vector database that many machines ask."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.generations.generation import Generation
from niteru.indexer.generations.store import Shelf
from niteru.indexer.storage.address import BadPlace, HouseClosed

if TYPE_CHECKING:  # what reads files anywhere takes a while to load, and a question needs none
    from niteru.indexer.storage.crops import Crops

WORK = "work"
"""Of a gallery's folder on this machine: what is half done."""


class Questions(Protocol):
    """What a service asks of a catalogue; see :class:`~niteru.indexer.catalog.queries.CatalogReading`."""

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


class House(ABC):
    """Everything that differs between the houses; a gallery is the same in all.

    Attributes:
        name: as people say it.
        folder: of this machine, for the catalogue or a copy of it, work that is half done, and where reports lie.
        shelf: the generations.
    """

    name: str
    folder: Path
    shelf: Shelf

    @property
    @abstractmethod
    def crops(self) -> Crops:
        """Pictures of the faces."""

    @abstractmethod
    def exists(self) -> bool:
        """Whether there is a gallery."""

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
    def at_request(self, current: Generation) -> tuple[Questions, Generation]:
        """What one question is answered from: the catalogue, and a generation that was opened before."""

    def damages(self, catalog: Catalog) -> list[str]:
        """What is wrong with the catalogue's keeping; usually nothing."""
        return catalog.damages()

    @abstractmethod
    def files(self) -> list[Path]:
        """All files of the gallery on this machine, where something that was forgotten could be left."""


def house_of(place: str | Path) -> House:
    """The house at an address.

    Args:
        place: a folder, ``milvus://HOST:PORT/NAME``, or ``milvus:FOLDER`` for Milvus Lite.

    Raises:
        BadPlace: no such address. (Whether anybody answers there is seen at first use: HouseClosed, GalleryBusy.)
        HouseClosed: what it needs is not installed; says what is.
    """
    from niteru.indexer.storage.local.backend import LocalHouse
    from niteru.indexer.storage.milvus.address import is_milvus

    if is_milvus(place):
        try:
            from niteru.indexer.storage.milvus.backend import MilvusHouse
        except ModuleNotFoundError as error:
            raise HouseClosed(f"{place} needs the package {error.name}: pip install 'niteru[milvus]'") from None
        return MilvusHouse(str(place))
    if isinstance(place, str) and "://" in place:
        raise BadPlace(f"{place}: a gallery is a folder, milvus:FOLDER, or milvus://HOST:19530/NAME")
    return LocalHouse(Path(place))
