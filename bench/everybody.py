"""Time and memory of comparing all people with one another, for made-up people (:mod:`bench.scale`), and of a report.

``python -m bench.everybody [--faces 10000,100000,1000000] [--photos 8] [--report]`` prints a line of JSON for each
number of faces, measured in a process of its own. For comparison, if it takes minutes at most, FAISS finds the nearest
faces of all faces, exactly; and with ``--report`` the whole report is written, with pictures
(:mod:`bench.made_up_gallery`), and written again over it, as the next one will be. Core-seconds are told beside those
of the clock, which other programs disturb more, and so are the core-milliseconds of a fixed product of matrices.
"""

from __future__ import annotations

import json
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import click
import numpy as np

from bench.made_up_gallery import publish_made_up
from bench.scale import PHOTOS, made_up
from niteru.engine.embedding.embedder import Embedder
from niteru.indexer.ask.compared import best_faces
from niteru.indexer.ask.neighbours import neighbours
from niteru.indexer.ask.persons import assemble
from niteru.indexer.ask.resemblance import scale
from niteru.indexer.ask.same_person_band import SamePersonBand
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.index.faiss_library import faiss
from niteru.indexer.generations.rarity_calibration import calibrate
from niteru.serve.report.report import write_report

K = 10
MOST_FACES = 100_000
"""Faces over which FAISS is timed; a million would take a hundred times as long."""
_SIDE, _TIMES = 1_000, 5
"""Side of the matrices of the yardstick, and how often they are multiplied."""


def measure(faces: int, photos: int) -> dict[str, Any]:
    """Compare all people with one another, in a process of its own."""
    info = Embedder().info
    vectors, people = made_up(faces, info.dimension, photos=photos)
    ids, starts = np.unique(people, return_index=True)
    starts, spent = np.append(starts, faces), dict[str, float]()

    def timed(name: str, since: float) -> float:
        spent[name] = round(perf_counter() - since, 2)
        return perf_counter()

    start = now = perf_counter()
    persons = assemble(ids, [f"P{one:06d}" for one in ids], starts, np.arange(faces), vectors)
    now = timed("people_s", now)
    with TemporaryDirectory() as work:
        found = neighbours(persons, K, Path(work))
    now = timed("neighbours_s", now)
    scale(persons)
    now = timed("rarity_s", now)
    band = SamePersonBand(persons, calibrate(vectors[:20_000], people[:20_000], info.calibration))
    one, other = np.repeat(np.arange(len(persons)), found.rows.shape[1]), found.rows.ravel()
    best_faces(persons, one, other)
    band.holds(persons, one, other)
    timed("best_faces_s", now)
    timed("seconds", start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures: dict[str, Any] = {"faces": faces, "people": len(persons), **spent, "peak_mb": round(peak)}
    if faces <= MOST_FACES:
        start = perf_counter()
        faiss.knn(vectors, vectors, K + photos, metric=faiss.METRIC_INNER_PRODUCT)
        timed("faiss_all_faces_s", start)
    return {**figures, **spent}


def whole_report(folder: Path) -> dict[str, Any]:
    """Write a report in a process of its own; returns its seconds, core-seconds, memory and size."""
    yard, start, spent, gallery = yardstick(), perf_counter(), process_time(), Gallery(folder / "gallery")
    page = write_report(gallery, folder / "report")
    gallery.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(file.stat().st_size for file in page.parent.rglob("*") if file.is_file())
    return {
        "report_s": round(perf_counter() - start, 1),
        "report_core_s": round(process_time() - spent, 1),
        "report_peak_mb": round(peak),
        "report_mb": round(size / 2**20, 1),
        "yardstick_core_ms": [yard, yardstick()],
    }


def yardstick() -> float:
    """Core-milliseconds of a product of two matrices of 1,000 × 1,000 numbers, a mean of five."""
    matrix = np.random.default_rng(0).normal(size=(_SIDE, _SIDE)).astype(np.float32)
    matrix @ matrix
    start = process_time()
    for _ in range(_TIMES):
        matrix @ matrix
    return round((process_time() - start) / _TIMES * 1_000, 1)


@click.command()
@click.option("--faces", default="10000,100000,1000000", show_default=True)
@click.option("--photos", default=PHOTOS, show_default=True, help="Faces of each person.")
@click.option("--report", is_flag=True, help="Also write the whole report, twice.")
def main(faces: str, photos: int, report: bool) -> None:
    """Measure each number of faces."""

    def alone(work: Callable[..., Any], *arguments: Any) -> Any:
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            return process.submit(work, *arguments).result()

    for number in map(int, faces.split(",")):
        figures = alone(measure, number, photos)
        if report:
            with TemporaryDirectory() as folder:
                alone(publish_made_up, Path(folder), number, photos)
                figures |= alone(whole_report, Path(folder))
                figures["next"] = alone(whole_report, Path(folder))
        click.echo(json.dumps(figures))


if __name__ == "__main__":
    main()
