"""What a worker does with photos: their state on disk, their hash, their faces and vectors or the reason for none."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from niteru import indexer
from niteru.engine.faces import video
from niteru.engine.faces.extraction import DetectedFace, extract, process_detector
from niteru.engine.faces.face import Face
from niteru.engine.networks.model_folder import ModelUnusable
from niteru.engine.photos.decode import PhotoError, content_hash, read_bytes
from niteru.engine.photos.faces_folder import LabelledPhoto
from niteru.engine.photos.photo_stamp import PhotoStamp
from niteru.engine.photos.remote import on_this_machine
from niteru.engine.photos.skip_reason import SkipReason
from niteru.engine.work.cluster import ClusterUnusable, code_mark, process_embedder
from niteru.indexer.storage.crops import encoded

log = logging.getLogger("niteru")
_UNSEEN = PhotoStamp()


@dataclass(frozen=True, slots=True)
class PhotoTask:
    """A photo to read; ``sha256`` if the catalogue has these very bytes with nothing else changed."""

    photo: LabelledPhoto
    sha256: str | None
    crops: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """Photos that one worker reads, one after the other.

    Attributes:
        tasks: the photos.
        model: id of the model that their faces are embedded by.
        code: of whoever gave the work away: a worker that joined later runs the same, or none.
    """

    tasks: tuple[PhotoTask, ...]
    model: str
    code: str


@dataclass(frozen=True, slots=True, eq=False)
class ReadFace:
    """A face as the catalogue takes it: with the file of its crop, and its vector, float32 (dimension,)."""

    face: Face
    quality: tuple[str, ...]
    second: float | None
    crop: bytes
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PhotoRead:
    """A file as a worker found it: its state before it was read, and faces or the reason for none."""

    sha256: str = ""
    stamp: PhotoStamp = _UNSEEN
    faces: tuple[ReadFace, ...] = ()
    reason: str | None = None
    same: bool = False


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file, and the faces found in it."""

    read: PhotoRead
    found: tuple[DetectedFace, ...] = ()


def reading_code() -> str:
    """A mark of the code that reads photos on this machine."""
    return code_mark(indexer.__name__)


def read_photos(batch: Batch) -> list[PhotoRead]:
    """Runs in a worker, here or on another machine; the same photos give the same answer however often.

    Raises:
        ClusterUnusable: the worker runs other code.
        ModelUnusable: the model is not there.
    """
    if batch.code != reading_code():
        raise ClusterUnusable(f"a worker runs {reading_code()}, not {batch.code}: install the same there")
    seen = [_read_photo(task) for task in batch.tasks]
    crops = [found.crop for one in seen for found in one.found]
    vectors = iter(process_embedder(batch.model).embed(np.stack(crops)) if crops else ())
    return [replace(one.read, faces=_kept(one.found, [next(vectors) for _ in one.found])) for one in seen]


def _kept(found: tuple[DetectedFace, ...], vectors: list[NDArray[np.float32]]) -> tuple[ReadFace, ...]:
    """All faces of a photo; those of a video that differ."""
    places = range(len(found))
    if found and found[0].second is not None:
        places = video.distinct(list(found), np.stack(vectors))  # type: ignore[assignment]
    return tuple(
        ReadFace(found[i].face, found[i].quality, found[i].second, encoded(found[i].crop), vectors[i]) for i in places
    )


def _read_photo(task: PhotoTask) -> _Seen:
    """The file's state and hash, and its faces or why there are none."""
    path = task.photo.path
    stamp, sha256 = _UNSEEN, ""
    try:
        # The state before the reading: a file that changes meanwhile is read again by the next run.
        stamp = PhotoStamp.of(path)
        if path.suffix.lower() in video.SUFFIXES and not task.crops:
            return _read_video(task, stamp)
        data = read_bytes(path)
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 == task.sha256:
            return _Seen(PhotoRead(sha256, stamp, same=True))
        return _Seen(PhotoRead(sha256, stamp), tuple(extract(data, process_detector(task.crops))))
    except ModelUnusable:
        raise
    except OSError:
        return _Seen(PhotoRead(reason=SkipReason.UNREADABLE))
    except PhotoError as error:
        return _Seen(PhotoRead(sha256, stamp, reason=error.slug))
    except Exception:
        # One photo that breaks a library must not end a run over ten thousand.
        log.exception("%s: an unexpected failure; please report it", task.photo.ref)
        return _Seen(PhotoRead(sha256, stamp, reason=SkipReason.FAILED))


def _read_video(task: PhotoTask, stamp: PhotoStamp) -> _Seen:
    path = task.photo.path
    sha256 = content_hash(path)
    if sha256 == task.sha256:
        return _Seen(PhotoRead(sha256, stamp, same=True))
    try:
        with on_this_machine(path) as file:
            faces = video.candidates(file, process_detector(crops=False))
    except PhotoError as error:
        return _Seen(PhotoRead(sha256, stamp, reason=error.slug))
    return _Seen(PhotoRead(sha256, stamp), tuple(faces))
