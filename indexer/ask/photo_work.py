"""Work on the photos of a question: in the thread that asks, or shared out so that no question waits for a photo."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from niteru.engine.failure import Failure
from niteru.engine.photos.decoding.apart import Decoders, Unwanted
from niteru.engine.photos.decoding.picture import Picture

T = TypeVar("T")
_ASK_AGAIN_S = 0.2


class Abandoned(Failure):
    """Nobody waits for the answer any more."""


class PhotoWork(Protocol):
    """Where photos are decoded and looked at."""

    def picture(self, data: bytes) -> AbstractContextManager[Picture]:
        """Decode a photo, which is held as long as the context lasts.

        Raises:
            PhotoError: it cannot be decoded.
            Abandoned: nobody waits for it any more.
        """

    def run(self, work: Callable[..., T], *args: object) -> T:
        """Do what takes a core: detect faces, or embed them."""


class OwnWork:
    """All work is done in the thread that asks, as in a command for one person."""

    @contextlib.contextmanager
    def picture(self, data: bytes) -> Iterator[Picture]:
        """Decode a photo."""
        # Pillow, which reads pictures, takes a tenth of the time of a question that has none.
        from niteru.engine.photos.decode import read_picture

        yield read_picture(data)

    def run(self, work: Callable[..., T], *args: object) -> T:
        """Do it."""
        return work(*args)


class SharedWork:
    """Decoders, cores and memory that the questions of a service share.

    Args:
        decoders: processes that decode.
        cores: as many questions as may look at photos at once.
        in_hand: as many photos as may be decoded or in memory at once.
        is_wanted: whether somebody still waits for the answer.
    """

    def __init__(
        self,
        decoders: Decoders,
        cores: threading.Semaphore,
        in_hand: threading.Semaphore,
        is_wanted: Callable[[], bool],
    ) -> None:
        self._decoders, self._cores = decoders, cores
        self._in_hand, self._is_wanted = in_hand, is_wanted

    @contextlib.contextmanager
    def picture(self, data: bytes) -> Iterator[Picture]:
        """Decode a photo, unless its client leaves."""
        self._check()
        while not self._in_hand.acquire(timeout=_ASK_AGAIN_S):
            self._check()
        try:
            yield self._decoders.read_picture(data, self._is_wanted)
        except Unwanted:
            raise Abandoned("the client left before its photo was decoded") from None
        finally:
            self._in_hand.release()

    def run(self, work: Callable[..., T], *args: object) -> T:
        """Do it when a core is free, unless the client has left."""
        self._check()
        with self._cores:
            return work(*args)

    def _check(self) -> None:
        if not self._is_wanted():
            raise Abandoned("the client left before its photo was looked at")
