"""Time of each step for a photo, and of a whole enrolment.

``python -m bench.steps FACES [--photos 60]`` prints JSON, with medians of the steps on one thread, and of an enrolment
with its workers.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from bench.left_behind import spent_by
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.faces.detector import load_detector
from niteru.engine.faces.extraction import DetectedFace
from niteru.engine.faces.quality import judge
from niteru.engine.photos.decode import decode
from niteru.engine.photos.faces_folder import LabelledPhoto, list_photos
from niteru.engine.work.progress import progress_bar
from niteru.indexer.catalog.rows import PhotoFile
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.index import FlatIndex
from niteru.indexer.update.enrolment import BATCH

WHOLE = 1_200
"""Photos of the whole enrolment at most."""


class Clock:
    """Wall and processor milliseconds of each call of each step."""

    def __init__(self) -> None:
        self.wall: dict[str, list[float]] = {}
        self.core: dict[str, list[float]] = {}

    def time(self, step: str, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run ``work`` and note its time."""
        wall, core = perf_counter(), process_time()
        result = work(*arguments)
        self.wall.setdefault(step, []).append((perf_counter() - wall) * 1000)
        self.core.setdefault(step, []).append((process_time() - core) * 1000)
        return result

    def medians(self) -> dict[str, dict[str, float]]:
        """Median milliseconds of each step without its first call, which loads and warms up."""
        return {
            step: {
                "wall_ms": round(statistics.median(self.wall[step][1:]), 2),
                "core_ms": round(statistics.median(self.core[step][1:]), 2),
            }
            for step in self.wall
        }


@click.command()
@click.argument("faces", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--photos", type=click.IntRange(2), default=60, show_default=True, help="Number of photos, spread evenly."
)
def main(faces: Path, photos: int) -> None:
    """Time each step on some photos of FACES, and an enrolment of many."""
    listed = list_photos(faces).photos
    chosen = listed[:: max(1, len(listed) // photos)][:photos]
    detector, embedder, clock = load_detector(), Embedder(), Clock()
    index = FlatIndex.build(_unit_vectors(10_000, embedder.info.dimension))
    seen: list[tuple[DetectedFace, NDArray[np.float32]]] = []
    with progress_bar("timing", len(chosen), "photo") as bar:
        for photo in chosen:
            image = clock.time("decode", decode, photo.path)
            found = clock.time("find", detector.detect, image)
            if found:
                crop = clock.time("align", detector.crop, image, found[0])
                quality = clock.time("judge", judge, found[0], crop)
                vector = clock.time("embed", embedder.embed, crop[None])
                clock.time("search 10k, exact", index.search, vector, 80)
                seen.append((DetectedFace(found[0], crop, quality), vector[0]))
            bar.update()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    setting = {"photos": len(chosen), "detector": detector.name, "model": embedder.info.id, "peak_memory_mb": memory}
    medians = {**clock.medians(), "write": {"wall_ms": _write(seen)}}
    json.dump({**setting, "median": medians, "enrolment": enrol(listed[:WHOLE])}, sys.stdout, indent=1)
    sys.stdout.write("\n")


def _write(faces: list[tuple[DetectedFace, NDArray[np.float32]]]) -> float:
    """Milliseconds per photo to store faces and crops, in a batch of photos."""
    batch = (faces * BATCH)[:BATCH]
    with TemporaryDirectory() as folder:
        gallery = Gallery(Path(folder), readonly=False)
        start = perf_counter()
        with gallery.catalog.transaction():
            for number, (face, vector) in enumerate(batch):
                file = PhotoFile(f"p/{number}.jpg", "p", "", 1, 1, "", None)
                (kept,) = gallery.catalog.put_photo(file, [(face, vector)], "model")
                gallery.crops.save(kept, face.crop)
        spent = perf_counter() - start
        gallery.close()
    return round(spent * 1000 / BATCH, 2)


def enrol(photos: list[LabelledPhoto]) -> dict[str, float]:
    """Cost of a whole ``niteru index`` over photos, with its workers, and of a second one that finds nothing to do."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        rows = [f'"{photo.on_disk.resolve()}","{photo.person}"' for photo in photos]
        (folder / "photos.csv").write_text("\n".join(["path,person", *rows]), encoding="utf-8")
        command = [str(Path(sys.executable).with_name("niteru")), "index", "photos.csv"]
        first, again = spent_by(command, folder), spent_by(command, folder)
    return {
        "photos": len(photos),
        "seconds": round(first.wall, 2),
        "photos_a_second": round(len(photos) / first.wall, 1),
        "core_ms_a_photo": round(first.core * 1000 / len(photos), 2),
        "again_s": round(again.wall, 2),
    }


def _unit_vectors(n: int, dimension: int) -> np.ndarray:
    vectors = np.random.default_rng(0).normal(size=(n, dimension)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


if __name__ == "__main__":
    main()
