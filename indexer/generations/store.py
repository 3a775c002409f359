"""Where the generations of a gallery stand: the contract of all backends."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from niteru.indexer.generations.canary import Canary
from niteru.indexer.generations.generation import Contents, Generation, GenerationUnusable, IndexChoice

KEPT = 3
"""Generations that are kept, to fall back on."""


class GenerationStore(ABC):
    """Generations come and go: made aside, then swapped in by one step; withdrawn without a trace.

    One writer at a time; whoever reads sees whole generations only.

    Attributes:
        name: of the gallery, as people say it.
        hold_labels: generations hold the photo and person of each face, too, and not its vector alone.
    """

    name: str
    hold_labels = False

    @abstractmethod
    def current(self) -> int | None:
        """Number of the generation in use; None if there is none."""

    @abstractmethod
    def published(self) -> list[int]:
        """Numbers of the generations that are kept, rising."""

    @abstractmethod
    def manifest(self, number: int) -> dict[str, Any]:
        """What a generation says of itself.

        Raises:
            GenerationUnusable: it is missing or unreadable.
        """

    @abstractmethod
    def canary(self, number: int) -> Canary:
        """The canary of a generation, without opening the rest.

        Raises:
            GenerationUnusable: it is missing or unreadable.
        """

    @abstractmethod
    def _open(self, number: int) -> Generation:
        """See :meth:`load`."""

    @abstractmethod
    def publish(self, contents: Contents, choice: IndexChoice) -> int:
        """Make the next generation aside, make it durable, and make it the current one.

        Args:
            contents: one face or more.
            choice: how it is to be searched.

        Returns:
            The number of the new generation; no number is given twice.

        Raises:
            RecallTooLow: the index misses too much; the current generation stays, as it does in any other trouble.
        """

    @abstractmethod
    def _point_to(self, number: int) -> None:
        """Make a generation the current one, in one step."""

    @abstractmethod
    def withdraw(self) -> None:
        """Leave no generation, current or old: the gallery is empty."""

    @abstractmethod
    def discard(self, number: int) -> None:
        """Remove a generation that cannot be used and is not the current one any more."""

    @abstractmethod
    def sweep(self) -> None:
        """Remove what a crash left half made, or half removed."""

    def load(self, number: int | None = None) -> Generation:
        """Open a generation after checking it; the current one by default.

        Raises:
            GenerationUnusable: there is none, or it is not what was published.
        """
        number = self.current() if number is None else number
        if number is None:
            raise GenerationUnusable(f"{self.name}: nothing is indexed yet: make index FACES=folder-of-photos")
        return self._open(number)

    def drop_older(self) -> None:
        """Keep the current generation only, and nothing half made."""
        for number in self.published():
            self.discard(number)
        self.sweep()

    def rollback(self) -> int:
        """Let the generation before the current one serve again, after checking it; its number.

        Raises:
            GenerationUnusable: there is none before it, or it is damaged; the current one stays.
        """
        now = self.current()
        before = [number for number in self.published() if now is not None and number < now]
        if not before:
            raise GenerationUnusable(
                f"{self.name}: no generation before the current one is kept, so none can come back"
            )
        self.load(before[-1])
        self._point_to(before[-1])
        return before[-1]
