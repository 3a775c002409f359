"""Contract of a generation store, which every storage backend has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.indexer.generations.canary import Canary
from niteru.indexer.generations.generation import Contents, Generation, GenerationUnusable, IndexChoice, Listing

VectorsOf = Callable[[NDArray[np.int64]], Vectors]
"""Vectors of faces by their ids, float32 (n, dimension)."""
KEPT = 3
"""Generations that are kept, the current one among them, to fall back on."""


class GenerationStore(ABC):
    """Generations of one gallery: built aside, swapped in by one step, withdrawn without a trace.

    One process writes at a time; readers see whole generations only.

    Attributes:
        name: the gallery's address as people write it.
        hold_labels: whether generations contain the photo and person of each face, beside its vector.
    """

    name: str
    hold_labels = False

    @abstractmethod
    def current(self) -> int | None:
        """Number of the current generation; None if there is none."""

    @abstractmethod
    def published(self) -> list[int]:
        """Numbers of the generations that are kept, ascending."""

    @abstractmethod
    def manifest(self, number: int) -> dict[str, Any]:
        """Manifest of a generation, see :meth:`~.generation.Listing.manifest`.

        Raises:
            GenerationUnusable: it is missing or unreadable.
        """

    @abstractmethod
    def canary(self, number: int) -> Canary:
        """Load the canary of a generation, without opening the rest.

        Raises:
            GenerationUnusable: it is missing or unreadable.
        """

    @abstractmethod
    def _open(self, number: int, *, thoroughly: bool) -> Generation:
        """Check and open a generation by its number."""

    def gather(self, count: int, dimension: int, blocks: Iterable[Vectors]) -> Vectors:
        """Take in the vectors to publish, float32 (count, dimension), which come in blocks.

        Raises:
            OSError: the disk is full, or cannot be written.
        """
        vectors, start = np.empty((count, dimension), np.float32), 0
        for block in blocks:
            vectors[start : start + len(block)] = block
            start += len(block)
        return vectors

    def extend(self, current: Generation, listing: Listing, vectors_of: VectorsOf) -> int | None:
        """Publish the current generation's index again, with the few faces that came, went or changed hands since.

        Args:
            current: the generation.
            listing: the faces of the next one.
            vectors_of: reads vectors that the current one does not have.

        Returns:
            The number of the new generation; None if it has to be published whole, as it is where nothing else is said.
        """
        return None

    @abstractmethod
    def publish(self, contents: Contents, choice: IndexChoice) -> int:
        """Build the next generation aside, make it durable, and make it the current one.

        Args:
            contents: with one face or more.
            choice: of the index.

        Returns:
            The number of the new generation; no number is given twice.

        Raises:
            RecallTooLow: the index misses too much; the current generation stays, as after any other failure.
            OSError: the disk is full, or cannot be written.
        """

    @abstractmethod
    def _point_to(self, number: int) -> None:
        """Make a generation the current one, in one step."""

    @abstractmethod
    def withdraw(self) -> None:
        """Remove all generations, the current one too: the gallery is empty."""

    @abstractmethod
    def discard(self, number: int) -> None:
        """Remove a generation, unless it is the current one."""

    def damages(self) -> list[str]:
        """What is wrong beside the generations themselves; usually nothing."""
        return []

    @abstractmethod
    def sweep(self) -> None:
        """Remove generations that a crash left half built or half removed."""

    def load(self, number: int | None = None, *, thoroughly: bool = True) -> Generation:
        """Open a generation after checking it; the current one by default.

        Args:
            number: of the generation.
            thoroughly: whether everything is checked, or all but what takes long.

        Raises:
            GenerationUnusable: there is none, or it is damaged.
        """
        number = self.current() if number is None else number
        if number is None:
            raise GenerationUnusable(f"{self.name}: nothing is indexed yet: niteru index FOLDER")
        try:
            return self._open(number, thoroughly=thoroughly)
        except KeyError as missing:
            raise GenerationUnusable(
                f"{self.name}: generation {number} was published by an older niteru, without {missing}: "
                "run niteru index once"
            ) from None

    def drop_older(self) -> None:
        """Remove all generations but the current one, and everything half built."""
        for number in self.published():
            self.discard(number)
        self.sweep()

    def rollback(self) -> int:
        """Make the generation before the current one current again, after checking it; its number.

        Raises:
            GenerationUnusable: there is none before it, or it is damaged; the current one stays.
        """
        now = self.current()
        before = [number for number in self.published() if now is not None and number < now]
        if not before:
            raise GenerationUnusable(f"{self.name}: no generation before the current one is kept to roll back to")
        self.load(before[-1])
        self._point_to(before[-1])
        return before[-1]
