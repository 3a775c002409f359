"""Limit on wrong keys from one address, so that nobody can try them one after the other."""

from __future__ import annotations

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

MOST_WRONG = "30 per minute"
"""Wrong keys from one address and in one process, after which it is told to wait."""


class Guesses:
    """Counts of wrong keys by address; safe to share between threads."""

    def __init__(self) -> None:
        self._limiter, self._limit = FixedWindowRateLimiter(MemoryStorage()), parse(MOST_WRONG)

    def too_many(self, address: str) -> bool:
        """Whether an address has sent so many wrong keys that not even a right one is looked at now."""
        return not self._limiter.test(self._limit, address)

    def note_wrong(self, address: str) -> None:
        """Count a wrong key."""
        self._limiter.hit(self._limit, address)
