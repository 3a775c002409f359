"""Reading of photos by a worker: state on disk, hash, and the faces with their vectors or the reason for none."""

from __future__ import annotations

import functools
import hashlib
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from niteru import indexer
from niteru.engine.faces import video
from niteru.engine.faces.extraction import DetectedFace, extract, main_first, process_detector
from niteru.engine.faces.face import Face
from niteru.engine.networks.model_folder import ModelUnusable
from niteru.engine.photos.dates.date_in_picture import PictureDates, dates_in, dates_of
from niteru.engine.photos.decode import read_picture
from niteru.engine.photos.decoding.apart import process_decoders
from niteru.engine.photos.decoding.bounded import SECONDS, bounded
from niteru.engine.photos.decoding.picture import Picture
from niteru.engine.photos.faces_folder import LabelledPhoto
from niteru.engine.photos.file_content import content_hash, read_bytes
from niteru.engine.photos.names.named import NamesFound
from niteru.engine.photos.names.names_in import names_in, names_mark
from niteru.engine.photos.photo_error import PhotoError
from niteru.engine.photos.photo_stamp import PhotoStamp
from niteru.engine.photos.remote import on_this_machine
from niteru.engine.photos.skip_reason import SkipReason
from niteru.engine.photos.source import PhotoSource
from niteru.engine.work.cluster import ClusterUnusable, code_mark, process_embedder
from niteru.engine.work.map_ahead import submit_ahead
from niteru.indexer.storage.crops import encoded

log = logging.getLogger("niteru")
AHEAD = 8
"""Photos that are fetched while another one is looked at."""
_UNSEEN = PhotoStamp()


@dataclass(frozen=True, slots=True)
class PhotoTask:
    """A photo to read; if its bytes still have this ``sha256``, it needs no new faces.

    ``names`` says whether names that photo programs gave are read, too; ``date_only`` that nothing is read but the
    date, for the file is known to be the same.
    """

    photo: LabelledPhoto
    sha256: str | None
    crops: bool
    names: bool = False
    date_only: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Photos that one worker reads.

    Attributes:
        tasks: the photos.
        model: id of the model to embed their faces with.
        code: mark of the sender's code; a worker with other code refuses the batch.
        apart: whether pictures are decoded in another process than the worker's; else one that takes too long, or
            crashes its decoder, ends the worker.
    """

    tasks: tuple[PhotoTask, ...]
    model: str
    code: str
    apart: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class ReadFace:
    """A face with the JPEG file of its crop and its vector, float32 (dimension,), to be entered."""

    face: Face
    quality: tuple[str, ...]
    second: float | None
    crop: bytes
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class NamesRead:
    """Names in a photo, and the mark that the files beside it had before they were read."""

    mark: str
    found: NamesFound


@dataclass(frozen=True, slots=True)
class PhotoRead:
    """A file as a worker read it: its stamp before reading, and the faces or the reason for none.

    ``names`` are those that photo programs gave, and ``dates`` what the file says of its date; None where they were not
    read.
    """

    sha256: str = ""
    stamp: PhotoStamp = _UNSEEN
    faces: tuple[ReadFace, ...] = ()
    reason: str | None = None
    same: bool = False
    names: NamesRead | None = None
    dates: PictureDates | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file, and the faces found in it."""

    read: PhotoRead
    found: tuple[DetectedFace, ...] = ()


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What a disk or a store has of a photo, or why it has nothing."""

    stamp: PhotoStamp
    data: bytes = b""
    names: NamesRead | None = None
    dates: PictureDates | None = None
    fault: PhotoError | None = None

    def content(self) -> bytes:
        """All bytes of the file, where they were read."""
        if self.fault is not None:
            raise self.fault
        return self.data


@functools.cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AHEAD)


def reading_code() -> str:
    """Mark of the code on this machine that reads photos."""
    return code_mark(indexer.__name__)


def read_photos(batch: Batch) -> list[PhotoRead]:
    """Read a batch, in a worker here or on another machine; it can be repeated with the same result.

    Raises:
        ClusterUnusable: the worker runs other code.
        ModelUnusable: the model is missing.
    """
    if batch.code != reading_code():
        raise ClusterUnusable(f"a worker runs {reading_code()}, not {batch.code}: install the same version there")
    decoded = process_decoders().read_picture if batch.apart else _decoded_here
    fetching = submit_ahead(_threads(), _fetched, batch.tasks, AHEAD)
    seen = [_read_photo(task, fetched, decoded) for task, fetched in fetching]
    crops = [found.crop for one in seen for found in one.found]
    vectors = iter(process_embedder(batch.model).embed(np.stack(crops)) if crops else ())
    return [replace(one.read, faces=_kept(one.found, [next(vectors) for _ in one.found])) for one in seen]


def _kept(found: tuple[DetectedFace, ...], vectors: list[NDArray[np.float32]]) -> tuple[ReadFace, ...]:
    """All faces of a photo, or the distinct ones of a video."""
    rows: Iterable[int] = range(len(found))
    if found and found[0].second is not None:
        rows = video.distinct(list(found), np.stack(vectors))
    return tuple(
        ReadFace(found[i].face, found[i].quality, found[i].second, encoded(found[i].crop), vectors[i]) for i in rows
    )


def _decoded_here(data: bytes) -> Picture:
    with bounded(SECONDS):
        return read_picture(data)


def _fetched(task: PhotoTask) -> _Fetched:
    """Read what a disk or a store has of a photo: in a thread, since some take long to answer."""
    path = task.photo.path
    # The stamp is taken first: a file that changes during reading is read again by the next run.
    stamp = PhotoStamp.of(path)
    try:
        if _is_video(task):
            return _Fetched(stamp)
        if task.date_only:
            return _Fetched(stamp, dates=dates_of(path))
        data = read_bytes(path)
        return _Fetched(stamp, data, _read_names(path, data) if task.names else None)
    except PhotoError as error:
        return _Fetched(stamp, fault=error)


def _read_photo(task: PhotoTask, fetched: Future[_Fetched], decoded: Callable[[bytes], Picture]) -> _Seen:
    """Stamp and hash of a file, and its faces or the reason for none."""
    read = PhotoRead()
    try:
        file = fetched.result()
        read = PhotoRead(stamp=file.stamp)
        data = file.content()
        if _is_video(task):
            return _read_video(task, file.stamp)
        if task.date_only:
            return _Seen(PhotoRead(task.sha256 or "", file.stamp, same=True, dates=file.dates))
        read = replace(read, sha256=hashlib.sha256(data).hexdigest(), names=file.names, dates=dates_in(data))
        if read.sha256 == task.sha256:
            return _Seen(replace(read, same=True))
        picture = decoded(data)
        found = extract(picture, process_detector(crops=task.crops))
        return _Seen(read, tuple(main_first(found, picture.size)))
    except ModelUnusable:
        raise
    except OSError:
        return _Seen(PhotoRead(reason=SkipReason.UNREADABLE))
    except PhotoError as error:
        return _Seen(replace(read, reason=error.slug))
    except Exception:
        # One photo that trips a library must not end a run over ten thousand.
        log.exception("%s: an unexpected failure; please report it", task.photo.ref)
        return _Seen(replace(read, reason=SkipReason.FAILED, names=None, dates=None))


def _is_video(task: PhotoTask) -> bool:
    return task.photo.path.suffix.lower() in video.SUFFIXES and not task.crops


def _read_names(path: PhotoSource, data: bytes) -> NamesRead | None:
    mark = names_mark(path)
    return None if mark is None else NamesRead(mark, names_in(path, data))


def _read_video(task: PhotoTask, stamp: PhotoStamp) -> _Seen:
    path = task.photo.path
    sha256 = content_hash(path)
    if sha256 == task.sha256:
        return _Seen(PhotoRead(sha256, stamp, same=True))
    try:
        with on_this_machine(path) as file:
            faces = video.candidates(file, process_detector(crops=task.crops))
    except PhotoError as error:
        return _Seen(PhotoRead(sha256, stamp, reason=error.slug))
    return _Seen(PhotoRead(sha256, stamp), tuple(faces))
