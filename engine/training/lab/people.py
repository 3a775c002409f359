"""The people of an experiment, drawn or from a folder."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import niteru.engine.drawn
import niteru.engine.faces.alignment
from niteru.engine import Pixels, Vectors
from niteru.engine.drawn import draw, person
from niteru.engine.embedding.pooling import robust_mean
from niteru.engine.evaluation.crop_set import prepare
from niteru.engine.faces.alignment import align
from niteru.engine.photos.faces_folder import FacesMissing
from niteru.engine.work.progress import progress_bar
from niteru.engine.work.user_folders import cache_folder
from niteru.engine.work.worker_pool import worker_pool
from niteru.engine.work.write_atomically import write_atomically


@dataclass(frozen=True, eq=False)
class People:
    """Aligned crops of some people, the same number of each.

    Attributes:
        crops: uint8 RGB, shape (people, photos, 112, 112, 3).
        names: names of the people.
        source: name of their folder; empty for drawn people, whose pictures may be shown to everybody.
    """

    crops: Pixels
    names: list[str]
    source: str = ""

    @property
    def drawn(self) -> bool:
        """Whether these are drawn people."""
        return not self.source

    def __str__(self) -> str:
        """Numbers of people and photos, and where they are from."""
        number, photos = self.crops.shape[:2]
        return f"{number} {f'people of {self.source}' if self.source else 'drawn people'} × {photos} photos"


def people_of(faces: Path | None, people: int, photos: int, least: int | None = None) -> People:
    """Choose people with enough photos from a folder, or draw them.

    Args:
        faces: folder of people; None for drawn people.
        people: number of people.
        photos: number of photos of each.
        least: number of people that is enough if the folder has no more; None if all are needed.

    Raises:
        FacesMissing: the folder has fewer people with so many photos.
    """
    return drawn_people(people, photos) if faces is None else _people_in(faces, people, photos, least or people)


def _people_in(faces: Path, people: int, photos: int, least: int) -> People:
    listed = prepare(faces)
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(listed.people):
        rows.setdefault(name, []).append(row)
    enough = {name: own[:photos] for name, own in sorted(rows.items()) if len(own) >= photos}
    if len(enough) < least:
        raise FacesMissing(
            f"{faces}: the experiment needs {least} people with {photos} photos each, but only {len(enough)} have them"
        )
    rng = np.random.default_rng(0)
    names = sorted(rng.choice(sorted(enough), min(people, len(enough)), replace=False).tolist())
    crops = np.stack([np.asarray(listed.crops[np.sort(enough[name])]) for name in names])
    return People(crops, names, faces.resolve().name)


def drawn_people(people: int, photos: int) -> People:
    """Draw people, or take them from the cache if the code that draws has not changed since."""
    folder = cache_folder() / "lab" / _code_mark()
    folder.mkdir(parents=True, exist_ok=True)
    numbers = range(people)
    missing = [number for number in numbers if _known(folder, number) < photos]
    if missing:
        with (
            worker_pool() as pool,
            progress_bar("drawing", len(missing), "person") as bar,
        ):
            for _ in pool.map(partial(_draw, folder, photos), missing):
                bar.update()
    crops = np.stack([np.load(folder / f"{number:04d}.npy", mmap_mode="r")[:photos] for number in numbers])
    return People(crops, [person(number).name for number in numbers])


@functools.cache
def _code_mark() -> str:
    """Digest of the sources that draw and align people."""
    sources = [*Path(niteru.engine.drawn.__file__).parent.glob("*.py"), Path(niteru.engine.faces.alignment.__file__)]
    digest = hashlib.sha256()
    for source in sorted(sources):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def _known(folder: Path, number: int) -> int:
    try:
        return len(np.load(folder / f"{number:04d}.npy", mmap_mode="r"))
    except (OSError, ValueError, EOFError):
        return 0


def _draw(folder: Path, photos: int, number: int) -> None:
    """Draw the missing photos of one person, in a process of its own."""
    file, known = folder / f"{number:04d}.npy", _known(folder, number)
    older = [np.load(file)] if known else []
    drawings = [draw(person(number), photo) for photo in range(known, photos)]
    newer = np.stack([align(drawing.image, drawing.landmarks) for drawing in drawings])
    with write_atomically(file) as aside:
        np.save(aside, np.concatenate([*older, newer]))


def split(people: People, learnt: int) -> tuple[Pixels, NDArray[np.int64], Pixels, NDArray[np.int64]]:
    """Split crops into the first ``learnt`` of each person, to learn from, and the rest, each with their labels."""
    crops, number = people.crops, len(people.crops)
    parts = crops[:, :learnt], crops[:, learnt:]
    one, other = ((part.reshape(-1, *part.shape[2:]), np.repeat(np.arange(number), part.shape[1])) for part in parts)
    return *one, *other


def medians(vectors: Vectors, labels: NDArray[np.int64]) -> Vectors:
    """Robust mean of each person's vectors, float32 (people, dimension)."""
    return np.stack([robust_mean(vectors[labels == one]) for one in range(int(labels.max()) + 1)])
