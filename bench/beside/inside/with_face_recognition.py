"""face_recognition, used as in its examples: encodings of all photos in a pickle, compared by distance."""

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
SUFFIXES = (".jpg", ".jpeg", ".png")


def encode(photo: str) -> list[tuple[Any, int]]:
    """Encode all faces in a photo; returns each encoding with the area of its face."""
    image = face_recognition.load_image_file(photo)
    places = face_recognition.face_locations(image)
    areas = [(bottom - top) * (right - left) for top, right, bottom, left in places]
    return list(zip(face_recognition.face_encodings(image, places), areas, strict=True))


def index(folder: str, store: str) -> dict[str, Any]:
    """Encode the photos of a folder that are not in the store yet."""
    kept: dict[str, list[Any]] = {"refs": [], "vectors": [], "areas": []}
    if Path(store).exists():
        kept = pickle.loads(Path(store).read_bytes())
    known = set(kept["refs"])
    for photo in sorted(str(file) for file in Path(folder).rglob("*") if file.suffix.lower() in SUFFIXES):
        for encoding, area in encode(photo) if photo not in known else ():
            kept["refs"].append(photo)
            kept["vectors"].append(encoding)
            kept["areas"].append(area)
    Path(store).write_bytes(pickle.dumps(kept))
    return {"faces": len(kept["refs"])}


def largest(photo: str) -> Any:
    """Encode the largest face in a photo."""
    return max(encode(photo), key=lambda found: found[1])[0]


def first(store: str, photo: str) -> dict[str, Any]:
    """Read the store, and answer a question by one photo."""
    kept = pickle.loads(Path(store).read_bytes())
    distances = face_recognition.face_distance(kept["vectors"], largest(photo))
    return {"nearest": [kept["refs"][row] for row in np.argsort(distances)[:NEAREST]]}


def ask(store: str, times: str, *photos: str) -> dict[str, Any]:
    """Time a question by photo, and one by a stored encoding, with the encodings in an array: a list takes longer."""
    known = np.load(store)
    by_photo, by_id = list[float](), list[float]()
    for photo in photos[: int(times) + 1]:
        start = perf_counter()
        np.argsort(face_recognition.face_distance(known, largest(photo)))[:NEAREST]
        by_photo.append(perf_counter() - start)
        start = perf_counter()
        np.argsort(face_recognition.face_distance(known, known[len(by_photo)]))[:NEAREST]
        by_id.append(perf_counter() - start)
    return {"photo_ms": _ms(by_photo), "id_ms": _ms(by_id)}


def everybody(store: str, some: str) -> dict[str, Any]:
    """Time the search for the ten nearest faces of some faces, and calculate the time for all."""
    known = np.load(store)
    start = perf_counter()
    for row in range(int(some)):
        np.argsort(face_recognition.face_distance(known, known[row]))[: NEAREST + 1]
    spent = perf_counter() - start
    return {"seconds": spent * len(known) / int(some), "measured": int(some)}


def vectors(store: str, out: str) -> dict[str, Any]:
    """Write the photos, vectors and areas of all faces in the store."""
    kept = pickle.loads(Path(store).read_bytes())
    np.savez(out, **kept)
    return {"faces": len(kept["refs"])}


def _ms(spent: list[float]) -> float:
    """Median without the first question, which loads."""
    return statistics.median(spent[1:]) * 1000


if __name__ == "__main__":
    work, *words = sys.argv[1:]
    works = {"index": index, "first": first, "ask": ask, "everybody": everybody, "vectors": vectors}
    sys.stdout.write(json.dumps(works[work](*words)))
