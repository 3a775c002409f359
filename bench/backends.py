"""The storage backends compared, by time and by answers, over the same made-up faces in a folder and in Milvus.

``python -m bench.backends [--faces 100000] [--kind flat] [--milvus milvus://HOST:PORT/NAME]`` prints JSON. Without
``--milvus`` it uses Milvus Lite. Faces are entered into a folder, published, and copied as ``niteru copy`` does.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.scale import fill, made_up
from niteru.engine.embedding.embedder import Embedder
from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.ask.lookalike import Question, ask
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.index.recall import FLOOR
from niteru.indexer.storage.open import open_backend
from niteru.indexer.update.copying import copy_gallery
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.publishing import choose_index, publish_faces

ASKED = 200
NEAREST = 10


def asked(place: str | Path, faces: NDArray[np.int64]) -> dict[str, Any]:
    """Time searches for other people's nearest faces, and whole questions as a service answers them."""
    live = LiveGallery(place)
    opened = _seconds(live.warm_up)
    searches, questions, nearest = list[float](), list[float](), list[list[float]]()
    for face in faces.tolist():
        with closing(live.open()) as gallery:
            row = gallery.queries.faces([face])[face]
            vector = gallery.vector(face)
            assert vector is not None
            start = perf_counter()
            found = gallery.generation.nearest(vector, NEAREST, row.person_id)
            searches.append(perf_counter() - start)
            nearest.append(found.similarities.tolist())
        with closing(live.open()) as gallery:
            questions.append(_seconds(lambda: ask(gallery, Question(vector, row.person_id))))  # noqa: B023
    return {
        "open_s": round(opened, 2),
        "search_ms": round(float(np.median(searches)) * 1000, 2),
        "question_ms": round(float(np.median(questions)) * 1000, 2),
        "nearest": np.array(nearest, np.float32),
    }


def _seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def main() -> None:
    """Measure both backends."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faces", type=int, default=100_000)
    parser.add_argument("--kind", default="flat")
    parser.add_argument("--milvus", help="Address of a new gallery in Milvus.")
    options = parser.parse_args()
    embedder, results = Embedder(), dict[str, Any](faces=options.faces, kind=options.kind)
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text) / "folder"
        if options.milvus:
            os.environ.setdefault("NITERU_CROPS", str(Path(text) / "crops"))
        place = options.milvus or f"milvus:{Path(text) / 'milvus'}"
        vectors, people = made_up(options.faces, embedder.info.dimension)
        folder.mkdir()
        results["fill_folder_s"] = round(fill(folder, vectors, people, embedder.info.id), 1)
        with closing(Gallery(folder, readonly=False)) as gallery:
            choose_index(gallery.catalog, options.kind, FLOOR)
            results["publish_folder_s"] = round(_seconds(lambda: publish_faces(gallery, embedder, "crops")), 1)
        results["copy_s"] = round(_seconds(lambda: copy_gallery(folder, place)), 1)
        number = min(ASKED, options.faces)
        faces = np.random.default_rng(3).choice(np.arange(1, options.faces + 1), number, replace=False)
        here, there = asked(folder, faces), asked(place, faces)
        least = here.pop("nearest")[:, -1:] if options.kind == "flat" else _truly(vectors, people, faces)
        results["folder"], results["recall"] = here, round(float((there.pop("nearest") >= least - 1e-5).mean()), 4)
        results["milvus"] = there
        results["manifest_recall"] = open_backend(place).generations.load().recall
        results["forget_folder_s"] = round(_seconds(lambda: forget(folder, "P000003")), 1)
        results["forget_milvus_s"] = round(_seconds(lambda: results.update(clean=forget(place, "P000003").clean)), 1)
        with closing(Gallery(place)) as gallery:
            results["faces_left"] = gallery.catalog.queries.counts()["faces"]
    here.pop("nearest", None)
    print(json.dumps(results, indent=1))  # noqa: T201


def _truly(vectors: NDArray[np.float32], people: NDArray[np.int64], faces: NDArray[np.int64]) -> NDArray[np.float32]:
    """Exact similarity of the tenth nearest face of other people."""
    rows = faces - 1
    alike = vectors[rows] @ vectors.T
    alike[people[rows][:, None] == people[None]] = -2
    return np.sort(alike, axis=1)[:, -NEAREST:][:, :1]


if __name__ == "__main__":
    main()
