"""face_recognition, as its examples use it: encodings of all photos, kept in a pickle, compared by distance."""

from __future__ import annotations

import json
import pickle
import statistics
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import face_recognition
import numpy as np

NEAREST = 10


def encode(photo: str) -> Any:
    """The encoding of the first face, or None."""
    found = face_recognition.face_encodings(face_recognition.load_image_file(photo))
    return found[0] if found else None


def index(folder: str, store: str) -> dict[str, Any]:
    """Encode all photos of a folder and keep them."""
    photos = sorted(str(file) for file in Path(folder).rglob("*.jpg"))
    known = [(photo, encoding) for photo in photos if (encoding := encode(photo)) is not None]
    Path(store).write_bytes(pickle.dumps({"refs": [ref for ref, _ in known], "vectors": [one for _, one in known]}))
    return {"photos": len(photos), "faces": len(known)}


def first(store: str, photo: str) -> dict[str, Any]:
    """Read what was kept, and answer one photo."""
    kept = pickle.loads(Path(store).read_bytes())
    distances = face_recognition.face_distance(kept["vectors"], encode(photo))
    return {"nearest": [kept["refs"][row] for row in np.argsort(distances)[:NEAREST]]}


def ask(store: str, times: str, *photos: str) -> dict[str, Any]:
    """Milliseconds of a question by photo, and of one by what is kept already, as one array: a list takes longer."""
    vectors = np.load(store)
    by_photo, by_id = list[float](), list[float]()
    for photo in photos[: int(times) + 1]:
        start = perf_counter()
        np.argsort(face_recognition.face_distance(vectors, encode(photo)))[:NEAREST]
        by_photo.append(perf_counter() - start)
        start = perf_counter()
        np.argsort(face_recognition.face_distance(vectors, vectors[len(by_photo)]))[:NEAREST]
        by_id.append(perf_counter() - start)
    return {"photo_ms": _ms(by_photo), "id_ms": _ms(by_id)}


def everybody(store: str, some: str) -> dict[str, Any]:
    """The ten nearest of each; of so many of them, and what all would take."""
    vectors = np.load(store)
    start = perf_counter()
    for row in range(int(some)):
        np.argsort(face_recognition.face_distance(vectors, vectors[row]))[: NEAREST + 1]
    spent = perf_counter() - start
    return {"seconds": spent * len(vectors) / int(some), "measured": int(some)}


def _ms(spent: list[float]) -> float:
    """The median; the first, which loads, is left out."""
    return statistics.median(spent[1:]) * 1000


if __name__ == "__main__":
    work, *words = sys.argv[1:]
    sys.stdout.write(json.dumps({"index": index, "first": first, "ask": ask, "everybody": everybody}[work](*words)))
