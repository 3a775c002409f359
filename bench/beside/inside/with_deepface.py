"""DeepFace, run with ``find`` over a folder and with ``search`` over a database with an index."""

from __future__ import annotations

import json
import logging
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from deepface import DeepFace
from deepface.modules.database.sqlite import SqliteClient

MODEL = "Dlib"
NEAREST = 10
logging.disable(logging.CRITICAL)  # it logs every photo without a face


def find(folder: str, detector: str, photo: str, *, refresh: bool = True) -> list[Any]:
    """Find the nearest faces in a folder, whose new photos DeepFace indexes first."""
    found = DeepFace.find(
        photo,
        folder,
        model_name=MODEL,
        detector_backend=detector,
        similarity_search=True,
        k=NEAREST,
        silent=True,
        refresh_database=refresh,
        return_type="dict",
    )
    return found[0] if found else []


def index(folder: str, detector: str, photo: str) -> dict[str, Any]:
    """Index a folder by asking the first question after photos were added."""
    try:
        nearest = find(folder, detector, photo)
    except ValueError:  # no face in the photo of the question; the folder is indexed all the same
        nearest = []
    return {"nearest": [str(row["identity"]) for row in nearest]}


def ask(folder: str, detector: str, refresh: str, times: str, *photos: str) -> dict[str, Any]:
    """Time a question by photo, with or without a search for photos that were added or removed."""
    spent = []
    for photo in photos[: int(times) + 1]:
        start = perf_counter()
        find(folder, detector, photo, refresh=refresh == "refresh")
        spent.append(perf_counter() - start)
    return {"photo_ms": _ms(spent)}


def fill(database: str, vectors: str, detector: str) -> dict[str, Any]:
    """Enter made-up vectors into a database and build the index over them."""
    kept = np.load(vectors)
    client = SqliteClient(connection_details=database)
    chip = np.zeros((2, 2, 3))
    start = perf_counter()
    rows = [
        {
            "id": None,
            "img_name": f"{row}.jpg",
            "img_index": 0,
            "face": chip,
            "model_name": MODEL,
            "detector_backend": detector,
            "embedding": vector,
            "aligned": True,
            "l2_normalized": True,
        }
        for row, vector in enumerate(kept.tolist())
    ]
    client.insert_embeddings(rows, batch_size=1000)
    client.close()
    entered = perf_counter() - start
    start = perf_counter()
    DeepFace.build_index(
        model_name=MODEL,
        detector_backend=detector,
        align=True,
        l2_normalize=True,
        database_type="sqlite",
        connection_details=database,
    )
    return {"fill_s": entered, "index_s": perf_counter() - start}


def search(database: str, detector: str, times: str, *photos: str) -> dict[str, Any]:
    """Time a question by photo to the database's index."""
    spent, rows = [], 0
    for photo in photos[: int(times) + 1]:
        start = perf_counter()
        found = DeepFace.search(
            photo,
            model_name=MODEL,
            detector_backend=detector,
            l2_normalize=True,
            similarity_search=True,
            k=NEAREST,
            database_type="sqlite",
            connection_details=database,
            search_method="ann",
            return_type="dict",
        )
        spent.append(perf_counter() - start)
        rows += sum(map(len, found))
    return {"photo_ms": _ms(spent), "rows": rows / len(spent)}


def vectors(folder: str, detector: str, out: str) -> dict[str, Any]:
    """Read the datastore: paths and vectors of the faces found."""
    (store,) = Path(folder).glob(f"*_detector_{detector}_*.npz")
    with np.load(store) as kept:
        there = kept["has_embedding"]
        areas = kept["target_w"] * kept["target_h"]
        np.savez(out, refs=kept["identity"][there], vectors=kept["embedding"][there], areas=areas[there])
    return {"faces": int(there.sum()), "rows": len(there)}


def _ms(spent: list[float]) -> float:
    """Median without the first question, which loads."""
    return statistics.median(spent[1:]) * 1000


WORKS: dict[str, Callable[..., dict[str, Any]]] = {
    "index": index,
    "ask": ask,
    "fill": fill,
    "search": search,
    "vectors": vectors,
}

if __name__ == "__main__":
    work, *words = sys.argv[1:]
    sys.stdout.write("\n" + json.dumps(WORKS[work](*words)))
