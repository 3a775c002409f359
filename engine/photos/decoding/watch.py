"""A watch over work that may take too long: one thread looks at all that is under way, as long as anything is.

To start a thread for each picture costs more than the smaller pictures do: it has to run before its starter goes on.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from time import sleep

_LOOK_AGAIN_S = 0.1


class Watch:
    """Calls functions ten times a second while blocks run; safe to share between threads."""

    def __init__(self) -> None:
        self._looks: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._is_needed = threading.Event()
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def over(self, look: Callable[[], None]) -> Iterator[None]:
        """Have a function called again and again while the block runs, and never after it; it must return at once."""
        with self._lock:
            self._looks.append(look)
            if self._thread is None or not self._thread.is_alive():  # in a fork there is none
                self._thread = threading.Thread(target=self._watch, name="niteru-watch", daemon=True)
                self._thread.start()
        self._is_needed.set()
        try:
            yield
        finally:
            with self._lock:
                self._looks.remove(look)

    def _watch(self) -> None:
        while self._is_needed.wait():
            sleep(_LOOK_AGAIN_S)
            with self._lock:
                for look in self._looks:
                    look()
                if not self._looks:
                    self._is_needed.clear()
