"""Cost of a gallery of n faces, to publish, open, ask and extend, compared with FAISS alone on the same vectors.

``python -m bench.scale --out folder [--sizes 10000,100000,1000000] [--kinds flat,ivfpq]`` writes ``scale.json`` and
``scale.png``. The vectors are made up, of people and their photos, distributed like niteru-v3's vectors of real faces.
No photo is read; everything from the catalogue on is real.
"""

from __future__ import annotations

import json
import logging
import shutil
import statistics
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import click
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.faces.alignment import TEMPLATE
from niteru.engine.faces.extraction import DetectedFace
from niteru.engine.faces.face import Face
from niteru.engine.work.progress import progress_bar
from niteru.indexer.catalog.rows import PhotoFile
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.index import FlatIndex, IvfPqIndex
from niteru.indexer.generations.index.faiss_library import faiss
from niteru.indexer.generations.index.ivfpq import COMPARED_AGAIN, LEARNT_FROM
from niteru.indexer.storage.local.generation_store import LocalGenerationStore
from niteru.indexer.update.publishing import choose_index, publish_faces

log = logging.getLogger("niteru.bench")
PHOTOS = 8
"""Photos of each person."""
ADDED = 1_000
QUESTIONS = 500
DIMENSIONS = (0, 1, 3, 7, 15, 31, 63, 95, 127)
BETWEEN = (1.0, 0.701, 0.533, 0.316, 0.183, 0.089, 0.021, 1e-4, 1e-4)
WITHIN = (1.0, 0.983, 0.855, 0.779, 0.629, 0.433, 0.15, 1e-4, 1e-4)
"""Variances along the axes, of people's means and of photos around them, over 4,000 real photographs."""
PEOPLE_SHARE, PHOTOS_SHARE = 0.763, 0.369


def made_up(faces: int, dimension: int, seed: int = 0, photos: int = PHOTOS) -> tuple[Vectors, NDArray[np.int64]]:
    """Make up unit vectors, float32 (faces, dimension), and the number of each one's person, int64 (faces,)."""
    rng = np.random.default_rng(seed)
    people = np.arange(faces) // photos
    between, within = spread(dimension, BETWEEN, PEOPLE_SHARE), spread(dimension, WITHIN, PHOTOS_SHARE)
    turn, _ = np.linalg.qr(rng.normal(size=(dimension, dimension)))
    vectors = np.empty((faces, dimension), np.float32)
    for rows in np.array_split(np.arange(faces), max(1, faces // 100_000)):
        means = np.stack(
            [np.random.default_rng((seed, person)).normal(size=dimension) for person in np.unique(people[rows])]
        )
        mine = means[people[rows] - people[rows[0]]] * between + rng.normal(size=(len(rows), dimension)) * within
        vectors[rows] = mine @ turn
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), people


def spread(dimension: int, shape: tuple[float, ...], total: float) -> NDArray[np.float64]:
    """Standard deviations along the axes, (dimension,), of a shape of variances that sum up to a total."""
    variances = np.exp(np.interp(np.arange(dimension), DIMENSIONS, np.log(shape)))
    return np.asarray(np.sqrt(variances / variances.sum() * total))


def fill(folder: Path, vectors: Vectors, people: NDArray[np.int64], model: str, first: int = 0) -> float:
    """Enter a photo for each vector, in batches like an enrolment; returns the seconds."""
    start = perf_counter()
    gallery = Gallery(folder, readonly=False)
    found = DetectedFace(Face((0, 0, 112, 112), TEMPLATE, 1.0), np.zeros((112, 112, 3), np.uint8), ())
    with progress_bar("filling", len(vectors), "face") as bar:
        for rows in np.array_split(np.arange(len(vectors)), max(1, len(vectors) // 1000)):
            with gallery.catalog.transaction():
                for row in rows:
                    name = f"P{people[row]:06d}"
                    photo = PhotoFile(f"{name}/{first + row}.jpg", name, f"{first + row:064d}", 1, 1, "crops", None)
                    gallery.catalog.put_photo(photo, [(found, vectors[row])], model)
            bar.update(len(rows))
    gallery.close()
    return perf_counter() - start


def publish(folder: Path, embedder: Embedder) -> tuple[float, float]:
    """Publish a generation; returns the seconds, and those of one core."""
    start, spent = perf_counter(), process_time()
    gallery = Gallery(folder, readonly=False)
    publish_faces(gallery, embedder, "crops")
    gallery.close()
    return round(perf_counter() - start, 2), round(process_time() - spent, 2)


def open_and_ask(folder: Path) -> dict[str, float]:
    """Open a gallery and ask it for other people's faces, in a process of its own."""
    faiss.omp_set_num_threads(1)
    start = perf_counter()
    gallery = Gallery(folder)
    current = gallery.generation
    opened = perf_counter() - start
    asked = np.random.default_rng(2).choice(len(current.face_ids), QUESTIONS)
    vectors = current.vectors(current.face_ids[asked])
    times = _times(lambda i: current.nearest(vectors[i], 10, int(current.person_ids[asked[i]])), QUESTIONS)
    gallery.close()
    return {"open_s": round(opened, 3), **times, **_memory()}


def faiss_alone(kind: str, vectors: Vectors, people: NDArray[np.int64], effort: int, file: Path) -> dict[str, float]:
    """Build, write, open and ask the same index with FAISS's own calls."""
    start, spent = perf_counter(), process_time()
    exact = faiss.IndexFlatIP(vectors.shape[1])
    if kind == FlatIndex.kind:
        exact.add(vectors)
        faiss.write_index(exact, str(file))
    else:
        lists = 2 * int(len(vectors) ** 0.5)
        codes = faiss.index_factory(vectors.shape[1], f"IVF{lists},PQ{vectors.shape[1] // 2}x4fs", exact.metric_type)
        whole = faiss.IndexRefineFlat(codes)
        whole.train(
            vectors[np.random.default_rng(0).choice(len(vectors), min(len(vectors), lists * LEARNT_FROM), False)]
        )
        whole.add(vectors)
        faiss.write_index(whole, str(file))
        del whole
    publish_s, publish_core_s = perf_counter() - start, process_time() - spent
    del exact
    start = perf_counter()
    index = faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC)
    opened = perf_counter() - start
    asked = np.random.default_rng(2).choice(len(vectors), QUESTIONS)

    def ask(i: int) -> None:
        bits = np.packbits(people != people[asked[i]], bitorder="little")
        options = {"sel": faiss.IDSelectorBitmap(bits)}
        how = faiss.SearchParameters(**options)
        if kind != FlatIndex.kind:
            lists = faiss.SearchParametersIVF(nprobe=effort, **options)
            how = faiss.IndexRefineSearchParameters(k_factor=max(COMPARED_AGAIN, effort), base_index_params=lists)
        index.search(vectors[asked[i]][None], 10, params=how)

    faiss.omp_set_num_threads(1)
    times = _times(ask, QUESTIONS)
    faiss.omp_set_num_threads(2)
    alone = {"publish_s": round(publish_s, 2), "publish_core_s": round(publish_core_s, 2)}
    return {**alone, "open_s": round(opened, 3), **times}


def _times(ask: Callable[[int], object], number: int) -> dict[str, float]:
    spent = []
    for i in range(number):
        start = perf_counter()
        ask(i)
        spent.append((perf_counter() - start) * 1000)
    spent.sort()
    return {"p50_ms": round(statistics.median(spent), 3), "p99_ms": round(spent[int(number * 0.99)], 3)}


def _memory() -> dict[str, float]:
    """Memory in MB: the process's own, and that of mapped files, which can be dropped at any time."""
    status = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    own, mapped = (int(status[key].split()[0]) / 1024 for key in ("RssAnon", "RssFile"))
    return {"own_mb": round(own), "mapped_mb": round(mapped)}


def measure(out: Path, faces: int, kinds: list[str], embedder: Embedder) -> list[dict[str, Any]]:
    """Measure all kinds of index over one catalogue of so many faces."""
    folder = out / f"gallery-{faces}"
    shutil.rmtree(folder, ignore_errors=True)
    vectors, people = made_up(faces + ADDED, embedder.info.dimension)
    filled = fill(folder, vectors[:faces], people, embedder.info.id)
    rows = []
    for kind in kinds:
        gallery = Gallery(folder, readonly=False)
        choose_index(gallery.catalog, kind, None)
        gallery.close()
        row: dict[str, Any] = {"kind": kind, "faces": faces, "fill_s": round(filled, 1)}
        row["publish_s"], row["publish_core_s"] = publish(folder, embedder)
        number = gallery.generations.current() or 0
        manifest = gallery.generations.manifest(number)
        row |= {key: manifest[key] for key in ("effort", "recall_of_others")}
        files = LocalGenerationStore(folder).folder_of(number).iterdir()
        row["index_mb"] = round(sum(file.stat().st_size for file in files) / 2**20, 1)
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:
            row |= apart.submit(open_and_ask, folder).result()
        if kind in (FlatIndex.kind, IvfPqIndex.kind):
            row["faiss"] = faiss_alone(kind, vectors[:faces], people[:faces], int(row["effort"]), out / "alone")
        rows.append(row)
        log.info("%s", row)
    entered = fill(folder, vectors[faces:], people[faces:], embedder.info.id, faces)
    rows[-1]["enter_1000_s"] = round(entered, 2)
    rows[-1]["publish_1000_s"], rows[-1]["publish_1000_core_s"] = publish(folder, embedder)
    rows[-1]["catalogue_mb"] = round((folder / "catalog.sqlite").stat().st_size / 2**20)
    shutil.rmtree(folder)
    return rows


@click.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--sizes", default="10000,100000,1000000", show_default=True)
@click.option("--kinds", default="flat,ivfpq", show_default=True, help="Kinds of index; the last one is extended.")
def main(out: Path, sizes: str, kinds: str) -> None:
    """Measure every kind of index at every size."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    out.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    for faces in map(int, sizes.split(",")):
        rows += measure(out, faces, kinds.split(","), Embedder())
        (out / "scale.json").write_text(json.dumps(rows, indent=1))
    _plot(rows, out / "scale.png")


def _plot(rows: list[dict[str, Any]], file: Path) -> None:
    figure = Figure((10, 4), layout="constrained")
    for axes, (key, label) in zip(
        figure.subplots(1, 3),
        (
            ("publish_s", "seconds to publish"),
            ("p99_ms", "a question, 99th percentile, ms"),
            ("open_s", "seconds to open"),
        ),
        strict=True,
    ):
        for kind in dict.fromkeys(row["kind"] for row in rows):
            mine = [row for row in rows if row["kind"] == kind]
            (line,) = axes.plot([r["faces"] for r in mine], [r[key] for r in mine], "o-", label=kind)
            alone = [(r["faces"], r["faiss"][key]) for r in mine if "faiss" in r]
            axes.plot(*zip(*alone, strict=True), "--", color=line.get_color(), label=f"{kind}, FAISS alone")
        axes.set(xscale="log", yscale="log", xlabel="faces", title=label)
        axes.grid(alpha=0.3)
    axes.legend(fontsize=7)
    figure.savefig(file, dpi=120)


if __name__ == "__main__":
    main()
