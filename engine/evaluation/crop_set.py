"""The aligned crops of a folder of labelled people, prepared once and memory-mapped.

Training and evaluation read faces from here. Public data sets are of two kinds, which are recognised: aligned pictures
(all pictures of the set have one size of :data:`~niteru.engine.faces.alignment.KNOWN_TEMPLATES`), and photographs, in
which the detector looks for the largest face.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import logging
import shutil
import warnings
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from PIL import Image

from niteru.engine import Pixels
from niteru.engine.faces.alignment import CROP_SIZE, KNOWN_TEMPLATES, as_crop
from niteru.engine.faces.detector import detector_name
from niteru.engine.faces.extraction import extract, main_first, process_detector
from niteru.engine.photos.decode import decode, read_picture
from niteru.engine.photos.faces_folder import FacesMissing, LabelledPhoto, list_photos, list_strangers
from niteru.engine.photos.photo_error import PhotoError
from niteru.engine.photos.photo_stamp import stamp_of
from niteru.engine.photos.source import PhotoSource
from niteru.engine.work.cluster import Bulk, bulk
from niteru.engine.work.map_ahead import map_ahead
from niteru.engine.work.progress import progress_bar
from niteru.engine.work.usable_cores import usable_cores
from niteru.engine.work.user_folders import NoHome, cache_folder
from niteru.engine.work.write_atomically import write_atomically

log = logging.getLogger("niteru")
VERSION = 2
FLUSH_EVERY = 512


@dataclass(frozen=True, eq=False)
class CropSet:
    """Crops of labelled people; row i of every field belongs to the same face.

    Attributes:
        crops: uint8 RGB, shape (n, 112, 112, 3), memory-mapped.
        refs: path of each photo below the root.
        people: name of each face's person.
        skipped: ``(photo, reason)`` of each photo without a usable face.
    """

    crops: NDArray[np.uint8]
    refs: list[str]
    people: list[str]
    skipped: list[tuple[str, str]]

    @property
    def sets(self) -> list[str]:
        """The sub-folder (data set) of each face, "" where the folders of people are directly in the root."""
        return [set_of(ref) for ref in self.refs]

    def only(self, rows: NDArray[np.bool_]) -> CropSet:
        """The faces whose row in ``rows`` (n,) is True, read into memory."""
        kept = np.flatnonzero(rows).tolist()
        refs, people = [self.refs[i] for i in kept], [self.people[i] for i in kept]
        return CropSet(self.crops[rows], refs, people, self.skipped)

    def and_those_of(self, other: CropSet) -> CropSet:
        """Join these faces and those of another set, read into memory."""
        return CropSet(
            np.concatenate([self.crops, other.crops]),
            self.refs + other.refs,
            self.people + other.people,
            self.skipped + other.skipped,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    path: PhotoSource
    aligned: bool


@dataclass
class _State:
    done: int
    kept: list[int]
    skipped: list[tuple[str, str]]


def set_of(ref: str) -> str:
    """The data set a photo belongs to: the topmost folder above its person's, or ""."""
    parts = ref.split("/")
    return parts[0] if len(parts) > 2 else ""


def prepare(root: Path, *, crops: bool = False, strangers: bool = False) -> CropSet:
    """Crop the face of every labelled photo below ``root``, or take the crops from the cache.

    Args:
        root: a folder of people, at any depth, or a CSV (see :func:`niteru.engine.photos.faces_folder.list_photos`).
        crops: whether every picture is a face crop already.
        strangers: whether every picture shows a different person (see
            :func:`niteru.engine.photos.faces_folder.list_strangers`).

    Raises:
        FacesMissing: there are no photos, or none has a usable face.
        ModelUnusable: a detector is needed, and its model is damaged.
    """
    photos = list_strangers(root) if strangers else list_photos(root).photos
    tasks = _plan(photos, crops)
    # One folder for each source: crops from an earlier state of the same photos are of no further use.
    source = cache_folder() / "crops" / _source(root, crops, strangers)
    folder = source / _key(photos, tasks)
    source.mkdir(parents=True, exist_ok=True)
    with FileLock(source / "prepare.lock"):  # a second run waits, and finds the work done
        folder.mkdir(exist_ok=True)
        state = _load_state(folder)
        if state.done < len(photos):
            _fill(folder, photos, tasks, state)
        for older in source.iterdir():
            if older.is_dir() and older != folder:
                shutil.rmtree(older)
        if not state.kept:
            raise FacesMissing(f"{root}: no usable face in {len(photos)} photos")
        store = np.load(folder / "crops.npy", mmap_mode="r")[: len(state.kept)]
    kept = [photos[i] for i in state.kept]
    return CropSet(store, [p.ref for p in kept], [p.person for p in kept], state.skipped)


def drop_prepared(root: Path) -> None:
    """Remove all crops of ``root`` from the cache."""
    with contextlib.suppress(NoHome):  # without a cache there is nothing in it
        for crops, strangers in itertools.product((False, True), repeat=2):
            folder = cache_folder() / "crops" / _source(root, crops, strangers)
            if folder.exists():
                shutil.rmtree(folder)


def _plan(photos: list[LabelledPhoto], crops: bool) -> list[_Task]:
    aligned = set() if crops else aligned_sets(photos)
    return [_Task(photo.path, crops or set_of(photo.ref) in aligned) for photo in photos]


def aligned_sets(photos: list[LabelledPhoto]) -> set[str]:
    """Names of the data sets whose pictures all have the size of one known template."""
    sizes: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for photo in photos:
        seen = sizes[set_of(photo.ref)]
        if len(seen) < 2:
            try:
                with (
                    warnings.catch_warnings(action="ignore"),
                    photo.path.open("rb") as file,
                    Image.open(file) as image,
                ):
                    seen.add(image.size)
            except (OSError, Image.DecompressionBombError):
                continue  # reported when it is decoded
    return {name for name, seen in sizes.items() if len(seen) == 1 and seen <= KNOWN_TEMPLATES.keys()}


def _source(root: Path, crops: bool, strangers: bool) -> str:
    name = "-".join(part for part in root.resolve().parts[-2:] if part.isalnum())
    how = f"{root.resolve()} {crops}" + " strangers" * strangers
    return f"{name}-{hashlib.sha256(how.encode()).hexdigest()[:8]}"


def _key(photos: list[LabelledPhoto], tasks: list[_Task]) -> str:
    detector = detector_name() if not all(task.aligned for task in tasks) else ""
    digest = hashlib.sha256(f"{VERSION} {detector}".encode())
    for photo, task in zip(photos, tasks, strict=True):
        stamp = stamp_of(photo.path)
        mark = f"{stamp.size} {stamp.mtime_ns}" if stamp else "unreadable"
        digest.update(f"{photo.ref} {photo.person} {mark} {task.aligned}\n".encode())
    return digest.hexdigest()[:16]


def _load_state(folder: Path) -> _State:
    file = folder / "state.json"
    if not file.exists():
        return _State(0, [], [])
    state = _State(**json.loads(file.read_text()))
    state.skipped = [(photo, reason) for photo, reason in state.skipped]
    return state


def _fill(folder: Path, photos: list[LabelledPhoto], tasks: list[_Task], state: _State) -> None:
    shape = (len(photos), CROP_SIZE, CROP_SIZE, 3)
    mode = "r+" if state.done else "w+"
    store = open_memmap(folder / "crops.npy", mode, np.uint8, shape if mode == "w+" else None)
    left = range(state.done, len(photos))
    for i, crop in zip(left, _crops(tasks[state.done :]), strict=True):
        if isinstance(crop, str):
            state.skipped.append((photos[i].ref, crop))
        else:
            store[len(state.kept)] = crop
            state.kept.append(i)
        state.done = i + 1
        if state.done % FLUSH_EVERY == 0 or state.done == len(photos):
            store.flush()
            _save_state(folder, state)


def crops_of(photos: list[PhotoSource], *, crops: bool = False) -> Iterator[Pixels | str]:
    """Crop the face of each photo, uint8 RGB (112, 112, 3), or tell the reason why that fails, in order.

    Args:
        photos: files; nothing of them is kept in the cache.
        crops: whether every picture is a face crop already.
    """
    yield from _crops([_Task(photo, crops) for photo in photos])


def _crops(tasks: list[_Task]) -> Iterator[Pixels | str]:
    with _workers(tasks) as workers, progress_bar("faces", len(tasks), "photo") as bar:
        for _, crop in map_ahead(workers.executor, _crop, tasks, workers.ahead):
            bar.update()
            yield crop


@contextlib.contextmanager
def _workers(tasks: list[_Task]) -> Iterator[Bulk]:
    # Decoding and warping release Python's lock, so threads suffice. A detector does not, and needs processes.
    if all(task.aligned for task in tasks):
        with ThreadPoolExecutor(usable_cores()) as threads:
            yield Bulk(threads, 64)
    else:
        with bulk(files=tuple(task.path for task in (tasks[0], tasks[-1]) if task.path.is_file())) as workers:
            yield workers


def _crop(task: _Task) -> Pixels | str:
    """Crop one photo's face, or return the reason why that fails."""
    try:
        if task.aligned:
            return as_crop(decode(task.path))
        picture = read_picture(task.path)
        return main_first(extract(picture, process_detector(crops=False)), picture.size)[0].crop
    except PhotoError as error:
        return error.slug


def _save_state(folder: Path, state: _State) -> None:
    with write_atomically(folder / "state.json") as aside:
        aside.write_text(json.dumps(asdict(state)))
