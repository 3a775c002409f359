"""Cost of ten million, a hundred million and a billion faces, calculated from rates that are measured first.

``python -m bench.arithmetic [--faces 10000000] [--dimension 64]`` prints JSON. Two rates are measured: the time of an
exact search by the bytes that it reads (few dimensions stand for many faces), and that of an index of lists and short
codes in memory over vectors in a mapped file, like one shard of a billion. The costs follow for 128 dimensions.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from bench.scale import made_up
from niteru.engine.work.progress import progress_bar
from niteru.indexer.generations.index.faiss_library import faiss

DIMENSION = 128
BLOCK = 500_000
QUERIES, NEAREST = 50, 10
AGAIN = 10
"""Candidates for each list read that are compared again by their whole vectors, as in niteru's own index."""
GRAPH_S = 0.002
"""Seconds of one core for a question to a graph that fills a machine: assumed; a hundred thousand faces take .0003."""
SHARD_GB = 64
READING_CORE_S = 0.0108
"""Core-seconds to decode a photo, find its faces, embed and store them, by `python -m bench.cluster`, one worker."""
CORE_H, DISK_GB_MONTH = 0.063, 0.08
"""US dollars for a core of a memory-optimised machine with 8 GB (r6i, us-east-1, on demand, as listed in 2024), and for
a gigabyte of its disk (gp3)."""
GB_A_CORE = 8
CROP_B, ROW_B = 7_000, 1_100
"""Bytes of a face's crop, and of its row in the catalogue with the vector."""


def exact_rates() -> list[dict[str, float]]:
    """Time an exact search over the same number of bytes in three shapes, and over four times as many."""
    rows = []
    for faces, dimension in ((1_000_000, 128), (4_000_000, 32), (16_000_000, 8), (16_000_000, 32)):
        index = faiss.IndexFlatIP(dimension)
        rng = np.random.default_rng(0)
        for _ in range(faces // BLOCK):
            index.add(rng.normal(size=(BLOCK, dimension)).astype(np.float32))
        query = rng.normal(size=(1, dimension)).astype(np.float32)
        spent = [_seconds(lambda: index.search(query, NEAREST)) for _ in range(7)]  # noqa: B023
        gigabytes = faces * dimension * 4 / 1e9
        middle = float(np.median(spent))
        rows.append(
            {
                "faces": faces,
                "dimension": dimension,
                "gb": round(gigabytes, 2),
                "ms": round(middle * 1000, 1),
                "gb_a_second": round(gigabytes / middle, 1),
            }
        )
    return rows


def shard(faces: int, dimension: int, folder: Path) -> dict[str, Any]:
    """Build and time an index of 4-bit codes in memory over vectors in a mapped file."""
    start = perf_counter()
    file, people = folder / "vectors.npy", faces // 8
    store = open_memmap(file, "w+", np.float32, (faces, dimension))
    with progress_bar("faces", faces, "face") as bar:
        for number, begin in enumerate(range(0, faces, BLOCK)):
            stop = min(begin + BLOCK, faces)
            store[begin:stop] = made_up(stop - begin, dimension, seed=number)[0]
            bar.update(stop - begin)
    store.flush()
    made = perf_counter() - start
    start = perf_counter()
    lists = 2 * int(faces**0.5)
    index = faiss.index_factory(dimension, f"IVF{lists},PQ{dimension // 2}x4fs", faiss.METRIC_INNER_PRODUCT)
    sample = np.sort(np.random.default_rng(1).choice(faces, min(faces, lists * 64), replace=False))
    index.train(np.asarray(store[sample]))
    with progress_bar("index", faces, "face") as bar:
        for begin in range(0, faces, BLOCK):
            index.add(np.ascontiguousarray(store[begin : begin + BLOCK]))
            bar.update(BLOCK)
    built = perf_counter() - start
    rows = np.sort(np.random.default_rng(2).choice(faces, QUERIES, replace=False))
    queries = np.asarray(store[rows])
    least = _truly(store, queries, rows)
    faiss.omp_set_num_threads(1)
    tried = []
    for probes in (32, 128, 512, 1024, 2048):
        index.nprobe = probes
        spent, right = list[float](), 0
        for row, query, tenth in zip(rows, queries, least, strict=True):
            begin_s = perf_counter()
            _, found = index.search(query[None], max(256, AGAIN * probes))
            found = found[0][(found[0] >= 0) & (found[0] // 8 != row // 8)]
            alike = store[np.sort(found)] @ query
            spent.append(perf_counter() - begin_s)
            right += int((np.sort(alike)[-NEAREST:] >= tenth - 1e-5).sum())
        tried.append(
            {
                "lists_read": probes,
                "recall": round(right / (QUERIES * NEAREST), 3),
                "ms": round(float(np.median(spent)) * 1000, 2),
            }
        )
    codes = dimension // 4 + 8
    return {
        "faces": faces,
        "dimension": dimension,
        "people": people,
        "lists": lists,
        "made_s": round(made),
        "built_s": round(built),
        "code_bytes": codes,
        "in_memory_mb": round(faces * codes / 2**20),
        "mapped_mb": round(file.stat().st_size / 2**20),
        "tried": tried,
    }


def _truly(store: NDArray[np.float32], queries: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Exact similarity of the tenth nearest face of other people."""
    best = np.full((len(queries), NEAREST), -2, np.float32)
    for begin in range(0, len(store), BLOCK):
        alike = queries @ store[begin : begin + BLOCK].T
        own = np.arange(begin, begin + alike.shape[1]) // 8
        alike[rows[:, None] // 8 == own[None]] = -2
        best = np.sort(np.hstack([best, np.partition(alike, -NEAREST, axis=1)[:, -NEAREST:]]), axis=1)[:, -NEAREST:]
    return best[:, 0]


def _seconds(work: Any) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def sums(gb_a_second: float, ns_a_face: float, built_us_a_face: float) -> list[dict[str, Any]]:
    """Calculate the costs of three sizes with three ways to search.

    Args:
        gb_a_second: gigabytes that one core compares exactly in a second.
        ns_a_face: nanoseconds of one core for a question over the codes, by all faces although lists read only some.
        built_us_a_face: microseconds of one core to build the codes.
    """
    graph = 4 * DIMENSION + 4 * 2 * 32 + 12
    kinds: dict[str, tuple[int, Callable[[int], float], float]] = {
        "exact": (4 * DIMENSION, lambda n: n * 4 * DIMENSION / 1e9 / gb_a_second, 0.02),
        "graph": (graph, lambda n: GRAPH_S * max(1, np.ceil(n * graph * 1.25e-9 / SHARD_GB)), 240.0),
        "codes": (DIMENSION // 4 + 8, lambda n: n * ns_a_face / 1e9, built_us_a_face),
    }
    costs = []
    for faces in (10**7, 10**8, 10**9):
        for kind, (size, answer, build_us) in kinds.items():
            memory = faces * size / 1e9
            cores = max(2.0, memory * 1.25 / GB_A_CORE)
            seconds = answer(faces)
            disk = faces * (CROP_B + 2 * ROW_B + (4 * DIMENSION if kind == "codes" else 0)) / 1e9
            costs.append(
                {
                    "faces": faces,
                    "kind": kind,
                    "memory_gb": round(memory, 1),
                    "shards_of_64_gb": max(1, int(np.ceil(memory * 1.25 / SHARD_GB))),
                    "core_ms_a_question": round(seconds * 1000, 1),
                    "questions_a_second": round(cores / seconds),
                    "rebuild_core_h": round(faces * build_us / 1e6 / 3600, 1),
                    "reading_core_h": round(faces * READING_CORE_S / 3600),
                    "disk_tb": round(disk / 1000, 2),
                    "machines_usd_month": round(cores * CORE_H * 730),
                    "disk_usd_month": round(disk * DISK_GB_MONTH),
                    "reading_usd_once": round(faces * READING_CORE_S / 3600 * CORE_H),
                }
            )
    return costs


def main() -> None:
    """Measure the rates and calculate the costs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faces", type=int, default=10_000_000)
    parser.add_argument("--dimension", type=int, default=64)
    parser.add_argument("--folder", type=Path, help="Folder for the mapped file; by default a temporary one.")
    options = parser.parse_args()
    faiss.omp_set_num_threads(1)
    results: dict[str, Any] = {"exact": exact_rates()}
    faiss.omp_set_num_threads(2)
    with tempfile.TemporaryDirectory(dir=options.folder) as text:
        results["shard"] = found = shard(options.faces, options.dimension, Path(text))
    enough = next((one for one in found["tried"] if one["recall"] >= 0.98), found["tried"][-1])
    scale = DIMENSION / options.dimension
    results["sums"] = sums(
        results["exact"][0]["gb_a_second"],
        enough["ms"] * 1e6 / options.faces * scale,
        found["built_s"] * 2 * 1e6 / options.faces * scale,
    )
    print(json.dumps(results, indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
