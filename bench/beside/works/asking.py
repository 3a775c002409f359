"""One question, by photo and by id, to galleries of a thousand to a million faces.

The faces are made up (:mod:`bench.scale`), but the photo of the question is real: each tool decodes it, finds the face
and embeds it.
"""

from __future__ import annotations

import hashlib
import http.client
import statistics
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from bench.beside.alone import Failed, Spent, held, in_turns, run
from bench.beside.context import Bench, Rows, fresh
from bench.beside.environments import DEEPFACE, FACE_RECOGNITION, NITERU
from bench.scale import fill, made_up
from bench.service import Question, Service, upload
from niteru.engine import Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.faces.detector import load_detector
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.publishing import choose_index, publish_faces

ASKED = 20
SLOW = {10_000: 8, 100_000: 3}
"""Numbers of questions in large galleries for DeepFace, which reads its whole store for each question."""
MOST_DEEPFACE = 100_000
LINKS = 30_000
"""Names that one file may have in a file system."""


def measure(bench: Bench) -> Rows:
    """Measure the tools at every size, in turns."""
    rows: Rows = {}
    for size in bench.sizes:
        folder = fresh(bench.folder("asking", str(size)))
        vectors, people = made_up(size, Embedder().info.dimension)
        works = _niteru(bench, folder, size, vectors, people) | _face_recognition(bench, folder, vectors)
        if size <= MOST_DEEPFACE:
            works |= _deepface(bench, folder, vectors, SLOW.get(size, ASKED))
        for name, turns in in_turns(bench.turns, works, f"asking {size:,} faces").items():
            rows.setdefault(name, {})[str(size)] = _medians(turns)
    return rows


def _medians(turns: list[Spent]) -> dict[str, float]:
    steps = [step for step, value in turns[0].output.items() if isinstance(value, float)]
    row = {step: round(statistics.median(one.output[step] for one in turns), 2) for step in steps}
    return row | {"peak_mb": round(statistics.median(one.peak_mb for one in turns), 1)}


def _niteru(
    bench: Bench, folder: Path, size: int, vectors: Vectors, people: np.ndarray[Any, Any]
) -> dict[str, Callable[[int], Spent]]:
    embedder, works = Embedder(), dict[str, Callable[[int], Spent]]()
    gallery = folder / "gallery"
    fill(gallery, vectors, people, embedder.info.id)
    _publish(gallery, embedder, "flat")
    script = NITERU.script("with_niteru", "ask", gallery, ASKED, *bench.asked(ASKED + 1))
    works["niteru"] = lambda _: run(script, NITERU.variables())
    works["niteru, over HTTP"] = lambda _: _over_http(bench, gallery)
    if size > 150_000:  # from which `auto` chooses another kind
        other = folder / "gallery-auto"
        subprocess.run(["cp", "-r", str(gallery), str(other)], check=True)
        _publish(other, embedder, "auto")
        auto = NITERU.script("with_niteru", "ask", other, ASKED, *bench.asked(ASKED + 1))
        works["niteru, --kind auto"] = lambda _: run(auto, NITERU.variables())
    return works


def _publish(gallery: Path, embedder: Embedder, kind: str) -> None:
    with closing(Gallery(gallery, readonly=False)) as opened:
        choose_index(opened.catalog, kind, None)
        publish_faces(opened, embedder, load_detector().name)


def _face_recognition(bench: Bench, folder: Path, vectors: Vectors) -> dict[str, Callable[[int], Spent]]:
    store = folder / "known.npy"
    np.save(store, vectors.astype(np.float64))
    script = FACE_RECOGNITION.script("with_face_recognition", "ask", store, ASKED, *bench.asked(ASKED + 1))
    return {"face_recognition": lambda _: run(script, FACE_RECOGNITION.variables())}


def _deepface(bench: Bench, folder: Path, vectors: Vectors, times: int) -> dict[str, Callable[[int], Spent]]:
    photos, database = folder / "photos", folder / "faces.sqlite"
    _made_up_store(photos, bench.asked(8), vectors)
    np.save(folder / "vectors.npy", vectors)
    variables = DEEPFACE.variables()
    run(DEEPFACE.script("with_deepface", "fill", database, folder / "vectors.npy", "opencv"), variables)
    asked = bench.asked(times + 1)
    find = DEEPFACE.script("with_deepface", "ask", photos, "opencv", "refresh", times, *asked)
    as_it_is = DEEPFACE.script("with_deepface", "ask", photos, "opencv", "as-it-is", times, *asked)
    search = DEEPFACE.script("with_deepface", "search", database, "opencv", times, *asked)
    return {
        "DeepFace.find": lambda _: run(find, variables),
        "DeepFace.find, no refresh": lambda _: run(as_it_is, variables),
        "DeepFace.search, index": lambda _: run(search, variables),
    }


def _made_up_store(folder: Path, photos: list[Path], vectors: Vectors) -> None:
    """Make a folder of photos, and DeepFace's store of their vectors as DeepFace itself would write it."""
    names = [folder / f"P{row // 8:06d}" / f"{row}.jpg" for row in range(len(vectors))]
    for row, name in enumerate(names):
        name.parent.mkdir(parents=True, exist_ok=True)
        if row % LINKS < len(photos):
            name.write_bytes(photos[row % LINKS].read_bytes())
        else:
            name.hardlink_to(names[row // LINKS * LINKS + row % len(photos)])
    hashes = []
    for name in names:
        stat = name.stat()
        hashes.append(hashlib.sha1(f"{stat.st_size}-{stat.st_ctime}-{stat.st_mtime}".encode()).hexdigest())
    box = np.full(len(names), 100)
    np.savez(
        folder / "ds_model_dlib_detector_opencv_aligned_normalization_base_expand_0.npz",
        embedding=vectors.astype(np.float64),
        has_embedding=np.ones(len(names), bool),
        identity=np.array([str(name) for name in names]),
        hash=np.array(hashes),
        target_x=box,
        target_y=box,
        target_w=box,
        target_h=box,
    )


def _over_http(bench: Bench, gallery: Path) -> Spent:
    """Time questions to the service over one connection."""
    photos = [upload(photo.read_bytes()) for photo in bench.asked(ASKED + 1)]
    ids: list[Question] = [("GET", f"/similar?image=face:{number * 7 + 1}", None, {}) for number in range(len(photos))]
    service = Service(gallery, 1, *NITERU.command())
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    try:
        figures = {"photo_ms": _milliseconds(service, connection, photos)}
        figures["id_ms"] = _milliseconds(service, connection, ids)
        memory = held(service.process.pid) / 2**20
    finally:
        connection.close()
        service.end()
    return Spent(0.0, 0.0, memory, figures)


def _milliseconds(service: Service, connection: http.client.HTTPConnection, questions: list[Question]) -> float:
    """Median without the first question, which loads."""
    spent = []
    for question in questions:
        start = perf_counter()
        status = service.ask(question, connection)
        spent.append((perf_counter() - start) * 1000)
        if status != 200:
            raise Failed(f"niteru serve answered a question with status {status}")
    return statistics.median(spent[1:])
