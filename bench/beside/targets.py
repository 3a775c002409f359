"""Targets that niteru set out to reach, compared with the results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.beside.context import ADDED
from bench.beside.works.install import LIBRARIES

Results = dict[str, Any]
NITERU = "niteru"
ONNX, TENSORFLOW, FACE_RECOGNITION = "DeepFace, opencv", "DeepFace, mtcnn", "face_recognition"
SLACK = 1.2
"""Times as long as raw FAISS's frontier that niteru's may take."""
CORE_MS, INDEX_MB, OVER_FAISS_MS = 7, 200, 2
"""What a photo may cost to index, what indexing may hold with two workers, and how much longer than FAISS alone a
question by id may take over HTTP."""


@dataclass(frozen=True, slots=True)
class Target:
    """A promise and the figure that keeps or breaks it.

    Attributes:
        work: name of the work in the JSON.
        promise: the promise in words.
        figure: the measured figure, as text.
        kept: whether the promise is kept.
    """

    work: str
    promise: str
    figure: str
    kept: bool


def targets(results: Results) -> list[Target]:
    """Compare all targets whose works have results."""
    judges: dict[str, Callable[[Results], list[Target]]] = {
        "index": _index,
        "asking": _asking,
        "accuracy": _accuracy,
        "search": _search,
        "start": _start,
        "install": _install,
    }
    return [target for work, judge in judges.items() if work in results for target in judge(results[work]["rows"])]


def _least(work: str, promise: str, ratio: float, asked: float) -> Target:
    return Target(work, f"{promise}: ≥ {asked:g}×", f"{ratio:.3g}×", ratio >= asked)


def _most(work: str, promise: str, ratio: float, asked: float) -> Target:
    return Target(work, f"{promise}: ≤ {asked:g}×", f"{ratio:.3g}×", ratio <= asked)


def _index(rows: Results) -> list[Target]:
    speed = {name: row["from_nothing"]["photos_a_second"] for name, row in rows.items() if name != "all"}
    found = []
    for name, least in ((FACE_RECOGNITION, 8), (ONNX, 5), (TENSORFLOW, 5)):
        found.append(_least("index", f"photos per second, compared with {name}", speed[NITERU] / speed[name], least))
    ours = rows[NITERU]["ten_added"]["wall_s"]
    anew = rows[FACE_RECOGNITION]["from_nothing"]["wall_s"] / ours
    found.append(_least("index", f"ten more photos, compared with reading all again with {FACE_RECOGNITION}", anew, 50))
    for name in (FACE_RECOGNITION, ONNX, TENSORFLOW):
        ratio = rows[name]["ten_added"]["wall_s"] / ours
        found.append(_least("index", f"ten more photos, compared with adding them with {name}", ratio, 50))
    memory = {name: row["from_nothing"]["peak_mb"] for name, row in rows.items() if name != "all"}
    for name in (TENSORFLOW, ONNX):
        found.append(_most("index", f"memory, compared with {name}", memory[NITERU] / memory[name], 0.5))
    held = memory[NITERU]
    spent = 1000 * rows[NITERU]["from_nothing"]["core_s"] / (rows["all"]["photos"] - ADDED)
    found.append(Target("index", f"memory: ≤ {INDEX_MB} MB", f"{held:.3g} MB", held <= INDEX_MB))
    promise = f"a photo, everything in: ≤ {CORE_MS} core-milliseconds"
    found.append(Target("index", promise, f"{spent:.3g}", spent <= CORE_MS))
    return found


def _asking(rows: Results) -> list[Target]:
    found = []
    for name in ("DeepFace.find", "DeepFace.find, no refresh"):
        if "10000" in rows[NITERU] and "10000" in rows.get(name, {}):
            ratio = rows[name]["10000"]["photo_ms"] / rows[NITERU]["10000"]["photo_ms"]
            found.append(_least("asking", f"a question at 10,000 faces, compared with {name}", ratio, 20))
    for size, row in sorted(rows[NITERU].items(), key=lambda item: int(item[0])):
        ratio = row["photo_ms"] / row["floor_ms"]
        promise = f"a question at {int(size):,}, compared with decoding, finding, embedding and raw FAISS"
        found.append(_most("asking", promise, ratio, 1.3))
        found += _over_http(size, row, rows[f"{NITERU}, over HTTP"][size])
    return found


def _over_http(size: str, alone: dict[str, float], asked: dict[str, float]) -> list[Target]:
    more = asked["id_ms"] - alone["search_ms"]
    by_id = f"by id at {int(size):,}, over HTTP, more than raw FAISS: ≤ {OVER_FAISS_MS} ms"
    return [
        _most("asking", f"the same over HTTP at {int(size):,}", asked["photo_ms"] / alone["floor_ms"], 1.2),
        Target("asking", by_id, f"{more:.3g} ms", more <= OVER_FAISS_MS),
    ]


def _accuracy(rows: Results) -> list[Target]:
    ours, theirs = rows[NITERU]["recall_at_1"], rows[FACE_RECOGNITION]["recall_at_1"]
    text = f"{ours:.3f}, face_recognition {theirs:.3f}"
    return [Target("accuracy", "nearest other photo: ≥ face_recognition", text, ours >= theirs)]


def frontier(rows: Results, names: Callable[[str], bool]) -> list[tuple[float, float]]:
    """Recall and milliseconds of the points that no other point of the chosen rows beats in both, by recall.

    Example:
        >>> points = [{"recall": 0.90, "ms": 0.2}, {"recall": 0.95, "ms": 3.0}, {"recall": 1.0, "ms": 2.0}]
        >>> frontier({"FAISS": {"points": points}}, lambda name: True)
        [(0.9, 0.2), (1.0, 2.0)]
    """
    points = [(point["recall"], point["ms"]) for name, row in rows.items() if names(name) for point in row["points"]]
    best: list[tuple[float, float]] = []
    for recall, spent in sorted(points, key=lambda point: (-point[0], point[1])):
        if not best or spent < best[-1][1]:
            best.append((recall, spent))
    return best[::-1]


def behind(rows: Results) -> float:
    """Times as long as raw FAISS's frontier that niteru's takes for the same recall, at its worst point from .9 on."""
    theirs = frontier(rows, lambda name: name.startswith("FAISS"))
    worst = 0.0
    for recall, spent in theirs:
        mine = [ms for found, ms in frontier(rows, lambda name: name.startswith(NITERU)) if found >= recall - 5e-4]
        if recall >= 0.9:
            worst = max(worst, min(mine, default=float("inf")) / spent)
    return worst


def _search(rows: Results) -> list[Target]:
    return [
        _most(
            "search",
            "milliseconds at the recall of raw FAISS's frontier, at its worst point from recall .9 on",
            behind(rows),
            SLACK,
        )
    ]


def _start(rows: Results) -> list[Target]:
    return [
        _least("start", f"first answer, compared with {name}", rows[name]["wall_s"] / rows[NITERU]["wall_s"], 5)
        for name in (FACE_RECOGNITION, ONNX, TENSORFLOW)
    ] + [
        _most("start", f"memory of it, compared with {name}", rows[NITERU]["peak_mb"] / rows[name]["peak_mb"], 0.5)
        for name in (TENSORFLOW, ONNX)
    ]


def _install(rows: Results) -> list[Target]:
    others = {name: row for name, row in rows.items() if name != NITERU and not row["needs_compiler"]}
    for floor in ("imagededup", LIBRARIES):
        others.pop(floor, None)
    found = []
    for key, adjective in (("megabytes", "smallest"), ("seconds", "fastest")):
        name = min(others, key=lambda other: float(others[other][key]))
        text = f"{rows[NITERU][key]:g}, {name} {others[name][key]:g} {key}"
        found.append(
            Target("install", f"{adjective} install without a compiler", text, rows[NITERU][key] <= others[name][key])
        )
    return found
