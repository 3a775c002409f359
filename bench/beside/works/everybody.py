"""Comparison of everybody with everybody over ten thousand faces."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.beside.alone import Spent, in_turns, medians, run
from bench.beside.context import Bench, Rows, fresh
from bench.beside.environments import FACE_RECOGNITION, NITERU, SEARCH
from bench.scale import fill, made_up, publish
from niteru.engine.embedding.embedder import Embedder

FACES = 10_000
SOME = 1_000
"""Rounds of face_recognition's loop that are measured; all would take ten times as long."""


def measure(bench: Bench) -> Rows:
    """Measure niteru's whole report, with rarity, families and page, and the others' ten nearest of each face."""
    folder = fresh(bench.folder("everybody"))
    embedder = Embedder()
    vectors, people = made_up(FACES, embedder.info.dimension)
    fill(folder / "gallery", vectors, people, embedder.info.id)
    publish(folder / "gallery", embedder)
    np.save(folder / "vectors.npy", vectors)
    works: dict[str, Callable[[int], Spent]] = {"niteru, whole report": lambda turn: _report(folder, turn)}
    loop = FACE_RECOGNITION.script("with_face_recognition", "everybody", folder / "vectors.npy", SOME)
    works["face_recognition, a loop"] = lambda _: run(loop, FACE_RECOGNITION.variables())
    for name in ("NumPy", "scikit-learn", "FAISS Flat"):
        command = SEARCH.script("with_search", "everybody", name, folder / "vectors.npy")
        works[name] = lambda _, command=command: run(command, SEARCH.variables())  # type: ignore[misc]
    spent = in_turns(bench.turns, works, "everybody")
    rows: Rows = {name: medians(turns) for name, turns in spent.items()}
    for name, turns in spent.items():
        if isinstance(turns[0].output, dict) and "seconds" in turns[0].output:
            rows[name]["seconds"] = round(float(np.median([one.output["seconds"] for one in turns])), 3)
    rows["face_recognition, a loop"]["extrapolated_from"] = SOME
    return rows


def _report(folder: Path, turn: int) -> Spent:
    where = ("--gallery", folder / "gallery", "--out", folder / f"report-{turn}")
    return run(NITERU.command("report", *where, "--json"), NITERU.variables())
