"""Turns of the clients: whoever asks a lot waits for their own answers, and not everybody else.

A client may have only some requests in work; the next begins when one of them has ended. So nobody can fill all
threads, and those of others are begun as if there were nobody else. Photos are counted apart: they take a core each,
and whoever waits for them can still look at a page, or see whether the service is well.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

Request = TypeVar("Request")


@dataclass(frozen=True, slots=True)
class Asker:
    """Who a request counts for.

    Attributes:
        address: of the client.
        sends: whether the request has a body, as one with a photo has.
    """

    address: str
    sends: bool


class Turns(Generic[Request]):
    """Requests that wait until another one of the same client has ended; safe to share between threads.

    Args:
        start: what is done with a request when it is its turn; it returns at once.
        most: requests of one client that may be in work, by whether they have a body.
    """

    def __init__(self, start: Callable[[Request], None], most: dict[bool, int]) -> None:
        self._start, self._most = start, most
        self._in_work: Counter[Asker] = Counter()
        self._waiting: defaultdict[Asker, deque[Request]] = defaultdict(deque)
        self._lock = threading.Lock()

    def ask(self, asker: Asker, request: Request) -> None:
        """Begin a request, or let it wait for those that its client has sent before."""
        with self._lock:
            if self._in_work[asker] >= self._most[asker.sends]:
                self._waiting[asker].append(request)
                return
            self._in_work[asker] += 1
        self._start(request)

    def ended(self, asker: Asker) -> None:
        """Begin the next request of a client, one of whose requests has ended."""
        with self._lock:
            waiting = self._waiting.get(asker)
            if not waiting:
                self._in_work[asker] -= 1
                if not self._in_work[asker]:
                    del self._in_work[asker]
                return
            request = waiting.popleft()
            if not waiting:
                del self._waiting[asker]
        self._start(request)
