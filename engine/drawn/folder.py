"""A folder of drawn people, with the table of their landmarks."""

import csv
from collections.abc import Iterator
from concurrent.futures import as_completed
from pathlib import Path

import cv2
import numpy as np

from niteru.engine.drawn.identity import Person, person
from niteru.engine.drawn.photo import draw, locate
from niteru.engine.faces.face import Face
from niteru.engine.faces.landmarks_table import HEADER, TABLE, row
from niteru.engine.photos.own_work import DRAWN
from niteru.engine.work.usable_cores import usable_cores
from niteru.engine.work.worker_pool import (
    worker_pool,
)
from niteru.engine.work.write_atomically import write_atomically

_QUALITY = 92
_Row = list[str]


def _write_picture(path: Path, who: Person, photo: int) -> None:
    """Draw a picture and write it whole or not at all."""
    image = draw(who, photo).image
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(image[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise OSError(f"cannot encode {path}")
    with write_atomically(path) as aside:
        aside.write_bytes(data.tobytes())


def _write_person(folder: Path, number: int, photos: int, seed: int) -> tuple[int, list[_Row]]:
    """Write one person's missing pictures; returns the number and a row for every picture."""
    who = person(number, seed)
    (folder / who.name).mkdir(parents=True, exist_ok=True)
    rows: list[_Row] = []
    for photo in range(photos):
        path = folder / who.name / f"{who.name}_{photo + 1:04d}.jpg"
        if not path.exists():
            _write_picture(path, who, photo)
        box, landmarks = locate(who, photo)
        rows.append(row(path.relative_to(folder).as_posix(), Face(box, landmarks, 1.0)))
    return number, rows


def _save(file: Path, rows: list[_Row]) -> None:
    with write_atomically(file) as aside, aside.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows)


def _in_pool(folder: Path, people: int, photos: int, seed: int, workers: int) -> Iterator[tuple[int, list[_Row]]]:
    with worker_pool(workers) as pool:
        jobs = [pool.submit(_write_person, folder, number, photos, seed) for number in range(people)]
        try:
            for job in as_completed(jobs):
                yield job.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def write_people(
    folder: Path, people: int = 40, photos: int = 12, seed: int = 0, workers: int | None = None
) -> Iterator[Path]:
    """Write drawn people as `NAME/NAME_0001.jpg` and, at the end, their `landmarks.csv`.

    Existing pictures are kept, so that an interrupted run can be resumed.

    Args:
        folder: where to write; created if missing.
        people: number of people.
        photos: number of photos of each.
        seed: the population's seed.
        workers: number of processes; by default one for each processor, and one for small jobs.

    Yields:
        The path of each picture once it is written, person by person as they are finished.

    Example:
        >>> from tempfile import mkdtemp
        >>> folder = Path(mkdtemp())
        >>> [path.relative_to(folder).as_posix() for path in write_people(folder, people=2, photos=1)]
        ['Zoë/Zoë_0001.jpg', 'Łukasz/Łukasz_0001.jpg']
        >>> (folder / "landmarks.csv").exists()
        True
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DRAWN).write_text("These people do not exist: niteru drew them.\n", encoding="utf-8")
    if workers is None:
        workers = 1 if people * photos < 24 else min(people, usable_cores())
    if workers > 1:
        results = _in_pool(folder, people, photos, seed, workers)
    else:
        results = (_write_person(folder, number, photos, seed) for number in range(people))
    rows: dict[int, list[_Row]] = {}
    for number, written in results:
        rows[number] = written
        yield from (folder / line[0] for line in written)
    _save(folder / TABLE, [line for number in sorted(rows) for line in rows[number]])
