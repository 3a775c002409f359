"""Search alone: recall and time of the ten nearest faces of other people among 100,000."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.beside.alone import Spent, in_turns, run
from bench.beside.context import Bench, Rows
from bench.beside.environments import NITERU, SEARCH
from bench.beside.inside.with_search import LIBRARIES, NEAREST
from bench.scale import made_up
from niteru.engine import Vectors
from niteru.engine.embedding.embedder import Embedder

FACES, ASKED = 100_000, 300
KINDS = ("flat", "hnsw", "ivfpq")


def measure(bench: Bench) -> Rows:
    """Measure each library in a process of its own, in turns."""
    folder = bench.folder("search")
    vectors, people = made_up(FACES, Embedder().info.dimension)
    asked = np.random.default_rng(5).choice(FACES, ASKED, replace=False)
    np.save(folder / "vectors.npy", vectors)
    np.savez(folder / "questions.npz", asked=asked, people=people)
    commands = {
        name: (SEARCH.script("with_search", "search", name, folder / "vectors.npy", folder / "questions.npz"), SEARCH)
        for name in (*LIBRARIES, *(f"FAISS {kind}, selector" for kind in ("Flat", "HNSW", "IVFPQ")))
    }
    for kind in KINDS:
        script = NITERU.script("with_niteru", "search", kind, folder / "vectors.npy", folder / "questions.npz")
        commands[f"niteru {kind}"] = (script, NITERU)

    def turn(name: str) -> Callable[[int], Spent]:
        command, environment = commands[name]
        # All threads build the index; then each library is set to one thread for the questions.
        threads = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": str(os.cpu_count())}
        return lambda _: run(command, {**environment.variables(), **threads})

    spent = in_turns(bench.turns, {name: turn(name) for name in commands}, "searching")
    true = _truly(vectors, people, asked)
    return {name: _row(turns, vectors, asked, true) for name, turns in spent.items()}


def _row(turns: list[Spent], vectors: Vectors, asked: NDArray[np.int64], true: NDArray[np.float32]) -> dict[str, Any]:
    outputs = [one.output for one in turns]
    row: dict[str, Any] = {
        "build_s": round(statistics.median(one["build_s"] for one in outputs), 2),
        "memory_mb": round(statistics.median(one["memory_mb"] for one in outputs), 1),
        "points": [],
    }
    for effort in outputs[0]["efforts"]:
        milliseconds = statistics.median(one["efforts"][effort]["ms"] for one in outputs)
        recall = statistics.mean(_recall(one["efforts"][effort]["found"], vectors, asked, true) for one in outputs)
        row["points"].append({"effort": int(effort), "ms": round(milliseconds, 3), "recall": round(recall, 4)})
    return row


def _recall(found: list[list[int]], vectors: Vectors, asked: NDArray[np.int64], true: NDArray[np.float32]) -> float:
    """Share of the ten places that hold a face at least as near as the true tenth."""
    rows = np.array(found)
    alike = np.einsum("nd,nkd->nk", vectors[asked], vectors[rows])
    return float(((alike >= true[:, None] - 1e-5) & (rows >= 0)).mean())


def _truly(vectors: Vectors, people: NDArray[np.int64], asked: NDArray[np.int64]) -> NDArray[np.float32]:
    """Exact similarity of the tenth nearest face of other people."""
    alike = vectors[asked] @ vectors.T
    alike[people[asked][:, None] == people[None]] = -2
    return np.asarray(np.partition(alike, -NEAREST, axis=1)[:, -NEAREST], np.float32)
