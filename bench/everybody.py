"""Everybody with everybody, at size: made-up people of eight faces each (see :mod:`bench.scale`), time and memory.

``python -m bench.everybody [--faces 10000,100000,1000000]``: JSON, a row for each number of faces, each in a process
of its own. Beside it, where that takes minutes at most: the nearest faces of all faces, exactly, by FAISS.
"""

from __future__ import annotations

import json
import resource
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import click
import numpy as np

from bench.scale import PHOTOS, made_up
from engine.embedder import Embedder
from indexer.calibration import calibrate
from indexer.index.faiss_index import faiss
from indexer.neighbours import neighbours
from indexer.persons import OnePerson, assemble
from indexer.resemblance import scale

K = 10
MOST_FACES = 100_000
"""By FAISS over faces; a million would take a hundred times as long."""


def measure(faces: int) -> dict[str, Any]:
    """Runs in a process of its own."""
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
    one_person = OnePerson(persons, calibrate(vectors[:20_000], people[:20_000], info.calibration))
    for row in range(len(persons)):
        for other in found.rows[row].tolist():
            persons.best_pair(row, other)
            one_person.under(persons, row, other)
    timed("best_faces_s", now)
    timed("seconds", start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said: dict[str, Any] = {"faces": faces, "people": len(persons), **spent, "peak_mb": round(peak)}
    if faces <= MOST_FACES:
        start = perf_counter()
        faiss.knn(vectors, vectors, K + PHOTOS, metric=faiss.METRIC_INNER_PRODUCT)
        timed("faiss_all_faces_s", start)
    return {**said, **spent}


@click.command()
@click.option("--faces", default="10000,100000,1000000", show_default=True)
def main(faces: str) -> None:
    """Measure each."""
    for number in faces.split(","):
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            click.echo(json.dumps(alone.submit(measure, int(number)).result()))


if __name__ == "__main__":
    main()
