"""Watching a folder of photos: a run of the index whenever something in it has changed and copying has settled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING

from niteru.engine.failure import Failure
from niteru.engine.photos.faces_folder import FacesMissing
from niteru.engine.photos.network_drive import network_drive
from niteru.engine.photos.source import is_remote
from niteru.engine.work.extras import extra
from niteru.indexer.storage.address import GalleryBusy
from niteru.indexer.update.summary import Summary

if TYPE_CHECKING:
    from watchfiles import Change

_LOOK_MS = 200
"""Milliseconds between two looks at what the system has told, and whether to end."""
_POLL_S = 5.0
"""Seconds between two looks at all files, where the system tells nothing."""
_LONGEST_S = 600.0
"""Seconds of copying after which what has come is taken in before the rest."""
_AGAIN_S = 10.0
"""Seconds before another try, where another run holds the gallery."""

Run = Callable[[], Summary]
Told = Summary | Failure | OSError | str
"""What came of a run, or why there was none; or a sentence about the watching itself."""


@dataclass
class Watch:
    """A watch over a folder of photos.

    Args:
        faces: the folder; or a table, whose own folder is watched.
        gallery: folder of the gallery, whose changes do not count; None if it is elsewhere.
        run: brings the gallery up to date.
        settle_s: seconds without a change after which copying is taken to have ended.
        poll: look at all files every few seconds, instead of being told by the system.
        stop: ends the watch when it is set.

    Attributes:
        folder: the folder that is watched.
    """

    faces: Path
    gallery: Path | None
    run: Run
    settle_s: float = 3.0
    poll: bool = False
    stop: Event = field(default_factory=Event)
    _busy: bool = False

    def __post_init__(self) -> None:
        self.folder = self.faces.parent if self.faces.is_file() else self.faces

    def follow(self) -> Iterator[Told]:
        """Run at once, and then whenever something has changed; yields what came of each run until it is stopped.

        A failure of one run ends nothing: the next one may succeed.

        Raises:
            ExtraMissing: the package watchfiles is not installed.
        """
        with extra("watch", "watching a folder"):
            import watchfiles  # noqa: F401
        yield from self._poll_where_nobody_tells()
        due = _Due(self.settle_s)
        due.at_once()
        while not self.stop.is_set():
            if not self.folder.is_dir():
                yield FacesMissing(f"{self.folder} is not there: waiting for it")
                while not self.folder.is_dir() and not self.stop.wait(_LOOK_MS / 1000):
                    pass
                due.changed()
            yield from self._until_it_is_another(due)

    def _poll_where_nobody_tells(self) -> Iterator[Told]:
        kind = network_drive(self.folder) if self.folder.is_dir() else None
        if kind and not self.poll:
            self.poll = True
            yield f"{self.folder} lies on a network drive ({kind}), which tells of no changes by others"
        if self.poll:
            self.settle_s = max(self.settle_s, 2 * _POLL_S)
            yield f"{self.folder}: all files are looked at every {_POLL_S:.0f} seconds"

    def _until_it_is_another(self, due: _Due) -> Iterator[Told]:
        """Watch the folder as long as it is there, and not replaced by another of its name."""
        watched = _identity(self.folder)
        try:
            for changed in self._changes():
                if _identity(self.folder) != watched:
                    return
                if changed:
                    due.changed()
                if due.is_now():
                    yield from self._tell_of_run(due)
        except (FileNotFoundError, NotADirectoryError):
            return  # gone between two looks
        except (OSError, RuntimeError) as error:  # too many folders for the system to tell of, say
            if self.poll:
                raise
            self.poll = True
            yield f"the system does not tell of changes in {self.folder} ({error})"
            yield from self._poll_where_nobody_tells()

    def _changes(self) -> Iterator[set[tuple[Change, str]]]:
        from watchfiles import watch

        return watch(
            self.folder,
            watch_filter=self._counts,
            step=_LOOK_MS,
            rust_timeout=_LOOK_MS,
            yield_on_timeout=True,
            stop_event=self.stop,
            force_polling=self.poll,
            poll_delay_ms=int(_POLL_S * 1000),
            ignore_permission_denied=True,
        )

    def _counts(self, _: Change, path: str) -> bool:
        return self.gallery is None or not Path(path).is_relative_to(self.gallery)

    def _tell_of_run(self, due: _Due) -> Iterator[Told]:
        due.done()
        try:
            told: Told = self.run()
        except GalleryBusy as busy:
            if not self._busy:  # told once, and tried again
                yield busy
            self._busy = True
            due.later()
            return
        except (Failure, OSError) as failure:
            told = failure
        self._busy = False
        yield told


@dataclass
class _Due:
    """When the next run is due."""

    settle_s: float
    _first: float | None = None
    _at: float | None = None

    def at_once(self) -> None:
        """Run now."""
        self._first = self._at = monotonic()

    def changed(self) -> None:
        """Run when nothing has changed for a while, or it has gone on for long."""
        now = monotonic()
        self._first = now if self._first is None else self._first
        self._at = min(now + self.settle_s, self._first + _LONGEST_S)

    def later(self) -> None:
        """Try again in a while."""
        self._at = monotonic() + _AGAIN_S

    def done(self) -> None:
        """Note that a run begins."""
        self._first = self._at = None

    def is_now(self) -> bool:
        """Whether a run is due."""
        return self._at is not None and monotonic() >= self._at


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        state = folder.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino


def check_watchable(faces: str) -> Path:
    """The folder or table to watch.

    Raises:
        FacesMissing: it is not there, or in a bucket.
    """
    if is_remote(faces):
        raise FacesMissing(f"{faces} is in a bucket, which cannot be watched: run niteru index from time to time")
    if not Path(faces).exists():
        raise FacesMissing(f"{faces} is not there")
    return Path(faces).resolve()
