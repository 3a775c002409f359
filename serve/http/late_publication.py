"""Publication of changes that come one after the other: once, when it has been quiet for some seconds."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from threading import Lock, Timer
from time import monotonic

from niteru.engine.failure import Failure
from niteru.indexer.storage.address import GalleryBusy
from niteru.indexer.storage.open import open_backend
from niteru.indexer.update.naming import publish

log = logging.getLogger("niteru.serve")
QUIET_S = 5.0
"""Seconds without another change before those that were made are published."""
LATEST_S = 60.0
"""Seconds after which changes are published in any case: a program that sends photos for hours makes no pause."""
PATIENCE_S = 2.0
"""Seconds that a change waits for a publication, or for another change, of this process."""


class LatePublication:
    """One service's changes of a gallery, names and photos: made at once, and published later, in a thread.

    Args:
        address: of the gallery.
        quiet_s: see :data:`QUIET_S`; a gallery that is busy then is tried again after as long.
        latest_s: see :data:`LATEST_S`.
    """

    def __init__(self, address: str | Path, quiet_s: float = QUIET_S, latest_s: float = LATEST_S) -> None:
        self._address, self._quiet_s, self._latest_s = address, quiet_s, latest_s
        self._turn, self._changing = Lock(), Lock()
        self._coming: Timer | None = None
        self._since: float | None = None
        """When the first change was made that is not published."""

    @contextlib.contextmanager
    def held_off(self) -> Iterator[None]:
        """Hold off the publication while something is changed, and put it off for some seconds.

        Raises:
            GalleryBusy: a publication takes its time.
        """
        with self.waiting():
            yield
            self._put_off()

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Let the publication wait for something that publishes by itself.

        Raises:
            GalleryBusy: a publication takes its time.
        """
        if not self._turn.acquire(timeout=PATIENCE_S):
            raise GalleryBusy(f"{self._address}: what was changed before is being published")
        try:
            yield
        finally:
            self._turn.release()

    def catch_up(self) -> None:
        """Publish, as if it were changed now, what another process had changed and did not live to publish."""
        backend = open_backend(self._address)
        with contextlib.suppress(Failure), contextlib.closing(backend.catalog(readonly=True)) as catalog:
            last = catalog.queries.last_published()
            if last is not None and catalog.queries.last_change() > catalog.queries.last_publication(last):
                self._put_off()

    def close(self) -> None:
        """Publish what has not been, so that whoever asks next finds it."""
        with self._changing:
            coming, self._coming = self._coming, None
        if coming is not None:
            coming.cancel()
            self._publish(last=True)

    def _put_off(self) -> None:
        with self._changing:
            if self._coming is not None:
                self._coming.cancel()
            now = monotonic()
            self._since = now if self._since is None else self._since
            self._coming = Timer(min(self._quiet_s, max(self._since + self._latest_s - now, 0)), self._publish)
            self._coming.daemon = True
            self._coming.start()

    def _publish(self, last: bool = False) -> None:
        try:
            with self._turn:
                publish(self._address)
                with self._changing:
                    self._coming = self._since = None
        except GalleryBusy as error:
            log.info("%s", error)
            if not last:
                self._since = None
                self._put_off()
        except Exception:
            log.exception("changes are not published yet: niteru index, or the next change, does it")
