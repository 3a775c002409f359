"""Time and memory of comparing all people with one another, for made-up people of eight faces (:mod:`bench.scale`).

``python -m bench.everybody [--faces 10000,100000,1000000] [--report]`` prints a line of JSON for each number of faces,
measured in a process of its own. For comparison, if it takes minutes at most, FAISS finds the nearest faces of all
faces, exactly; and with ``--report`` the whole report is written over a gallery of them (without pictures).
"""

from __future__ import annotations

import json
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import click
import numpy as np

from bench.scale import PHOTOS, fill, made_up, publish
from niteru.engine.embedding.embedder import Embedder
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


def measure(faces: int) -> dict[str, Any]:
    """Compare all people with one another, in a process of its own."""
    info = Embedder().info
    vectors, people = made_up(faces, info.dimension)
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
    for row in range(len(persons)):
        for other in found.rows[row].tolist():
            persons.best_pair(row, other)
            band.holds(persons, row, other)
    timed("best_faces_s", now)
    timed("seconds", start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures: dict[str, Any] = {"faces": faces, "people": len(persons), **spent, "peak_mb": round(peak)}
    if faces <= MOST_FACES:
        start = perf_counter()
        faiss.knn(vectors, vectors, K + PHOTOS, metric=faiss.METRIC_INNER_PRODUCT)
        timed("faiss_all_faces_s", start)
    return {**figures, **spent}


def whole_report(folder: Path) -> dict[str, Any]:
    """Write a report in a process of its own; returns its seconds, memory and size."""
    start, gallery = perf_counter(), Gallery(folder)
    page = write_report(gallery, folder.parent / "report")
    gallery.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(file.stat().st_size for file in page.parent.rglob("*") if file.is_file())
    seconds = round(perf_counter() - start, 1)
    return {"report_s": seconds, "report_peak_mb": round(peak), "report_mb": round(size / 2**20, 1)}


def publish_made_up(folder: Path, faces: int) -> None:
    """Make a gallery of so many faces, in a process of its own."""
    embedder = Embedder()
    fill(folder, *made_up(faces, embedder.info.dimension), embedder.info.id)
    publish(folder, embedder)


@click.command()
@click.option("--faces", default="10000,100000,1000000", show_default=True)
@click.option("--report", is_flag=True, help="Also write the whole report.")
def main(faces: str, report: bool) -> None:
    """Measure each number of faces."""

    def alone(work: Callable[..., Any], *arguments: Any) -> Any:
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            return process.submit(work, *arguments).result()

    for number in map(int, faces.split(",")):
        figures = alone(measure, number)
        if report:
            with TemporaryDirectory() as folder:
                alone(publish_made_up, Path(folder) / "gallery", number)
                figures |= alone(whole_report, Path(folder) / "gallery")
        click.echo(json.dumps(figures))


if __name__ == "__main__":
    main()
