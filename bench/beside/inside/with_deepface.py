"""DeepFace: ``find`` over a folder, and ``search`` over a database with an index."""

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
logging.disable(logging.CRITICAL)  # it tells of every photo without a face


def find(folder: str, detector: str, photo: str, *, refresh: bool = True) -> list[Any]:
    """The nearest faces in a folder; it indexes first what is new."""
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
    """What the first question after photos came does."""
    try:
        nearest = find(folder, detector, photo)
    except ValueError:  # it found no face in the photo that is asked with: the folder is indexed all the same
        nearest = []
    return {"nearest": [str(row["identity"]) for row in nearest]}


def ask(folder: str, detector: str, refresh: str, times: str, *photos: str) -> dict[str, Any]:
    """Milliseconds of a question by photo; told or not to look for photos that came or went."""
    spent = []
    for photo in photos[: int(times) + 1]:
        start = perf_counter()
        find(folder, detector, photo, refresh=refresh == "refresh")
        spent.append(perf_counter() - start)
    return {"photo_ms": _ms(spent)}


def fill(database: str, vectors: str, detector: str) -> dict[str, Any]:
    """Enter made-up vectors and build the index over them."""
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
    """Milliseconds of a question by photo, of the database's index."""
    spent, told = [], 0
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
        told += sum(map(len, found))
    return {"photo_ms": _ms(spent), "rows": told / len(spent)}


def vectors(folder: str, detector: str, out: str) -> dict[str, Any]:
    """Read its datastore: paths and vectors, NaN where it found no face."""
    (store,) = Path(folder).glob(f"*_detector_{detector}_*.npz")
    with np.load(store) as kept:
        there = kept["has_embedding"]
        areas = kept["target_w"] * kept["target_h"]
        np.savez(out, refs=kept["identity"][there], vectors=kept["embedding"][there], areas=areas[there])
    return {"faces": int(there.sum()), "rows": len(there)}


def _ms(spent: list[float]) -> float:
    """The median; the first, which loads, is left out."""
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
    works: dict[str, Callable[..., dict[str, Any]]] = {
        "index": index,
        "ask": ask,
        "fill": fill,
        "search": search,
        "vectors": vectors,
    }
    sys.stdout.write("\n" + json.dumps(works[work](*words)))
