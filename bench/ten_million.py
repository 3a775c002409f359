"""Cost of ten million faces on one machine: index, memory, a question, and ten faces more.

``python -m bench.ten_million [--faces 10000000] [--dimension 128]`` prints JSON. Made-up vectors, spread as those of
:mod:`bench.scale`, eight a person, are written to a file in blocks and never lie in memory; the index, its recall and
its questions are a generation's own. No catalogue is made: its part is measured at a million, by :mod:`bench.scale`.
"""

from __future__ import annotations

import json
import resource
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, TypeVar

import click
import numpy as np

from bench.scale import BETWEEN, PEOPLE_SHARE, PHOTOS, PHOTOS_SHARE, WITHIN, spread
from niteru.engine import Vectors
from niteru.engine.work.progress import progress_bar
from niteru.indexer.generations.canary import Canary
from niteru.indexer.generations.generation import Contents, IndexChoice, Listing
from niteru.indexer.generations.hubness import Strangers
from niteru.indexer.generations.index.faiss_library import faiss
from niteru.indexer.generations.rarity_calibration import calibrate
from niteru.indexer.storage.local.generation import LocalGeneration
from niteru.indexer.storage.local.generation_store import LocalGenerationStore

ADDED, QUESTIONS = 10, 200
_BLOCK = 80_000
T = TypeVar("T")
_SILENT = Canary(np.zeros((0, 112, 112, 3), np.uint8), np.zeros((0, 1), np.float32))


def blocks(faces: int, dimension: int) -> Iterator[Vectors]:
    """Made-up unit vectors of people with eight photos each, float32, block by block."""
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.normal(size=(dimension, dimension)))[0].astype(np.float32)
    between, within = (
        spread(dimension, shape, share).astype(np.float32)
        for shape, share in ((BETWEEN, PEOPLE_SHARE), (WITHIN, PHOTOS_SHARE))
    )
    with progress_bar("faces", faces, "face") as bar:
        for start in range(0, faces, _BLOCK):
            count = min(_BLOCK, faces - start)
            means = rng.standard_normal((-(-count // PHOTOS), dimension), np.float32) * between
            own = rng.standard_normal((count, dimension), np.float32) * within
            vectors = (np.repeat(means, PHOTOS, axis=0)[:count] + own) @ turn
            yield vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
            bar.update(count)


def listing(faces: int) -> Listing:
    """So many faces, eight a person."""
    ids = np.arange(1, faces + 1)
    return Listing(model="m", detector="crops", face_ids=ids, person_ids=(ids - 1) // PHOTOS, taken=np.zeros_like(ids))


def publish(folder: Path, faces: int, dimension: int, kind: str, least_recall: float) -> dict[str, Any]:
    """Publish a generation whole, in a process of its own."""
    store, figures = LocalGenerationStore(folder), dict[str, Any]()
    vectors = _timed(figures, "write", lambda: store.gather(faces, dimension, blocks(faces, dimension)))
    whose = listing(faces)
    strangers = Strangers.drawn(vectors, whose.person_ids)
    calibration = _timed(figures, "calibrate", lambda: calibrate(vectors, whose.person_ids, {}))
    contents = Contents(**vars(whose), vectors=vectors, strangers=strangers, calibration=calibration, canary=_SILENT)
    _timed(figures, "build", lambda: store.publish(contents, IndexChoice(kind, least_recall)))
    return figures | _memory()


def add(folder: Path, faces: int, dimension: int) -> dict[str, Any]:
    """Publish ten faces more, in a process of its own."""
    store, figures = LocalGenerationStore(folder), dict[str, Any]()
    current = _timed(figures, "open", lambda: store.load(thoroughly=False))
    new = next(blocks(ADDED, dimension))
    number = _timed(figures, "extend", lambda: store.extend(current, listing(faces + ADDED), lambda _: new))
    assert number is not None
    return figures | _memory()


def ask(folder: Path) -> dict[str, Any]:
    """Open the current generation, and ask for the nearest faces of others, on one thread."""
    faiss.omp_set_num_threads(1)
    store, figures = LocalGenerationStore(folder), dict[str, Any]()
    current = _timed(figures, "open", store.load)
    assert isinstance(current, LocalGeneration)
    rows = np.random.default_rng(3).choice(current.faces, QUESTIONS, replace=False)
    vectors = current.index.vectors(rows)
    for name in ("first", "again"):
        spent = []
        for row, vector in zip(rows, vectors, strict=True):
            start = perf_counter(), process_time()
            current.nearest(vector, 10, int(current.person_ids[row]))
            spent.append((perf_counter() - start[0], process_time() - start[1]))
        wall, core = zip(*spent, strict=True)
        figures[name] = {
            "p50_ms": round(statistics.median(wall) * 1000, 2),
            "p99_ms": round(float(np.quantile(wall, 0.99)) * 1000, 2),
            "core_ms": round(statistics.median(core) * 1000, 2),
        }
    return figures | _memory()


def _timed(figures: dict[str, Any], name: str, work: Callable[[], T]) -> T:
    start, spent = perf_counter(), process_time()
    result = work()
    figures |= {f"{name}_s": round(perf_counter() - start, 2), f"{name}_core_s": round(process_time() - spent, 2)}
    return result


def _memory() -> dict[str, float]:
    """Most memory of this process, in MB: its own, and with mapped files, which can be dropped at any time."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"own_mb": round(int(status["RssAnon"].split()[0]) / 1024), "most_with_mapped_mb": round(most)}


@click.command()
@click.option("--faces", default=10_000_000, show_default=True)
@click.option("--dimension", default=128, show_default=True)
@click.option("--kind", default="ivfpq", show_default=True)
@click.option("--least-recall", default=0.95, show_default=True)
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), help="For the gallery; by default a new one."
)
def main(faces: int, dimension: int, kind: str, least_recall: float, folder: Path | None) -> None:
    """Publish, open, ask, add ten faces, and ask again; each in a process of its own."""
    place = Path(tempfile.mkdtemp(dir=folder))
    results: dict[str, Any] = {"faces": faces, "dimension": dimension, "kind": kind}

    def apart(name: str, work: Callable[..., dict[str, Any]], *words: Any) -> None:
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            results[name] = alone.submit(work, place, *words).result()
        click.echo(json.dumps({name: results[name]}), err=True)

    try:
        apart("publish", publish, faces, dimension, kind, least_recall)
        manifest = LocalGenerationStore(place).manifest(1)
        results |= {key: manifest[key] for key in ("effort", "recall_of_others")}
        results["file_mb"] = round(sum(file.stat().st_size for file in (place / "generations").rglob("*")) / 2**20)
        apart("ask", ask)
        apart("add", add, faces, dimension)
        apart("ask_with_fresh", ask)
    finally:
        shutil.rmtree(place)
    click.echo(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
