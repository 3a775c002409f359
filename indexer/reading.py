"""What a worker does with a photo: its state on disk, its hash, its faces or the reason for none."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass

from engine import video
from engine.extraction import FoundFace, extract, process_finder
from engine.faces_folder import LabelledPhoto
from engine.model_folder import ModelUnusable
from engine.photo import PhotoError, Unreadable, content_hash, read_bytes

log = logging.getLogger("niteru")


@dataclass(frozen=True, slots=True)
class PhotoTask:
    """A photo to read; ``sha256`` if the catalogue has these very bytes with nothing else changed."""

    photo: LabelledPhoto
    sha256: str | None
    crops: bool


@dataclass(frozen=True, slots=True)
class PhotoRead:
    """A file as a worker found it: its state before it was read, and faces or the reason for none."""

    sha256: str = ""
    size: int = -1
    mtime_ns: int = -1
    faces: tuple[FoundFace, ...] = ()
    reason: str | None = None
    same: bool = False


def read_photo(task: PhotoTask) -> PhotoRead:
    """Runs in a worker: the file's state and hash, and its faces or why there are none."""
    path = task.photo.path
    size = mtime_ns = -1
    sha256 = ""
    try:
        # The state before the reading: a file that changes meanwhile is read again by the next run.
        stat = path.stat()
        size, mtime_ns = stat.st_size, stat.st_mtime_ns
        if path.suffix.lower() in video.SUFFIXES and not task.crops:
            return _read_video(task, size, mtime_ns)
        data = read_bytes(path)
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 == task.sha256:
            return PhotoRead(sha256, size, mtime_ns, same=True)
        return PhotoRead(sha256, size, mtime_ns, tuple(extract(data, process_finder(task.crops))))
    except ModelUnusable:
        raise
    except OSError:
        return PhotoRead(reason=Unreadable.reason)
    except PhotoError as error:
        return PhotoRead(sha256, size, mtime_ns, reason=error.reason)
    except Exception:
        # One photo that breaks a library must not end a run over ten thousand.
        log.exception("%s: an unexpected failure; please report it", task.photo.ref)
        return PhotoRead(sha256, size, mtime_ns, reason="failed")


def _read_video(task: PhotoTask, size: int, mtime_ns: int) -> PhotoRead:
    path = task.photo.path
    sha256 = content_hash(path)
    if sha256 == task.sha256:
        return PhotoRead(sha256, size, mtime_ns, same=True)
    try:
        faces = video.candidates(path, process_finder(crops=False))
    except PhotoError as error:
        return PhotoRead(sha256, size, mtime_ns, reason=error.reason)
    return PhotoRead(sha256, size, mtime_ns, tuple(faces))
