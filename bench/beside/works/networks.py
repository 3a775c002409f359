"""Networks alone, on the same aligned faces: how well each tells people apart, how long it takes, how large it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bench.beside.context import Bench, Rows
from bench.beside.works.accuracy import end_to_end
from bench.clock import milliseconds
from bench.foreign import foreign
from bench.peers import shipped
from bench.yardsticks import Yardsticks
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.evaluation.crop_set import prepare

TIMED = 100
"""Faces that are timed, one by one."""


def measure(bench: Bench) -> Rows:
    """Measure niteru's networks and those of packages, each with the mean of a face and its mirror image."""
    folders = {folder.name: folder for folder in shipped()} | foreign(bench.photos)
    embedders = {name: Embedder(folder) for name, folder in folders.items()}
    faces = prepare(bench.photos)
    people = np.array(faces.people)
    sample = np.asarray(faces.crops[:: max(1, len(people) // TIMED)][:TIMED])
    spent = milliseconds({name: embedder.embed for name, embedder in embedders.items()}, sample)
    yardsticks = _yardsticks(bench.sets)
    rows: Rows = {}
    for name, embedder in embedders.items():
        figures = end_to_end(embedder.embed(faces.crops), people, faces.people)
        rows[name] = {"faces": len(people), "ms": spent[name], **_file(folders[name]), **figures}
        if yardsticks:
            rows[name]["yardsticks"] = yardsticks.measure(embedder.embed)
    return rows


def _file(folder: Path) -> dict[str, Any]:
    """Runtime and megabytes of a model's weights."""
    weights = min(folder.glob("model.[to]*"), key=lambda file: file.suffix != ".tflite")
    runtime = "LiteRT" if weights.suffix == ".tflite" else "ONNX Runtime"
    return {"runtime": runtime, "megabytes": round(weights.stat().st_size / 1e6, 1)}


def _yardsticks(sets: Path | None) -> Yardsticks | None:
    """People and groups that nobody trained on, where all of them are at hand."""
    needed = ("lfw/pairs.txt", "groups", "photos", "kin/KinFaceW-I", "kin/KinFaceW-II", "dev/pairs.txt")
    return Yardsticks.load(sets) if sets and all((sets / name).exists() for name in needed) else None
