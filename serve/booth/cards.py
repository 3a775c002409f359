"""Cards that phones fetch from a booth: in memory for some minutes, each under an address that nobody can guess."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from niteru.indexer.ask.rarity_in_words import Language

MOST = 32
"""Cards that are kept at once; the oldest goes first."""


@dataclass(frozen=True, slots=True, eq=False)
class SharedCard:
    """Card in memory.

    Attributes:
        png: the card as a PNG file.
        language: of its words.
        generation: of the gallery it was made from; another one may have forgotten who is on it.
        until: when it is dropped, by the cards' clock.
    """

    png: bytes
    language: Language
    generation: int
    until: float


class SharedCards:
    """Cards of the last visitors.

    Args:
        clock: tells seconds; never goes back.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._cards: OrderedDict[str, SharedCard] = OrderedDict()
        self._timer: threading.Timer | None = None

    def put(self, png: bytes, language: Language, generation: int, minutes: float) -> str:
        """Keep a card for some minutes; returns the secret part of its address."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._drop_old()
            self._cards[token] = SharedCard(png, language, generation, self._clock() + 60 * minutes)
            while len(self._cards) > MOST:
                self._cards.popitem(last=False)
            self._see_to_the_next()
        return token

    def get(self, token: str, generation: int) -> SharedCard | None:
        """The card of an address; None if its time is over, or if the gallery has changed since."""
        with self._lock:
            self._drop_old()
            found = self._cards.get(token)
            if found is not None and found.generation != generation:
                del self._cards[token]
                return None
            return found

    def drop(self, token: str) -> None:
        """Forget a card at once."""
        with self._lock:
            self._cards.pop(token, None)

    def __len__(self) -> int:
        """Number of cards in memory."""
        with self._lock:
            return len(self._cards)

    def _see_to_the_next(self) -> None:
        """Have the next card dropped when its time is over, also where nobody asks for one; one timer does for all."""
        if self._cards and self._timer is None:
            first = min(one.until for one in self._cards.values())
            self._timer = threading.Timer(max(first - self._clock(), 0.0) + 0.1, self._sweep)
            self._timer.daemon = True
            self._timer.start()

    def _sweep(self) -> None:
        with self._lock:
            self._timer = None
            self._drop_old()
            self._see_to_the_next()

    def _drop_old(self) -> None:
        now = self._clock()
        for token in [token for token, one in self._cards.items() if one.until <= now]:
            del self._cards[token]
