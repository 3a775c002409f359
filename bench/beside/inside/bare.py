"""The least that a work can cost: its libraries and networks alone, without niteru around them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.faces.detector import Detector, load_detector
from niteru.engine.photos.decode import decode
from niteru.engine.work.usable_cores import usable_cores

AT_ONCE = 16
NEAREST = 10
SUFFIXES = (".jpg", ".jpeg", ".png")


@cache
def _networks() -> tuple[Detector, Embedder]:
    return load_detector(), Embedder()


def _vectors(photos: list[str]) -> list[Any]:
    """Vectors of the largest face of each photo that shows one."""
    detector, embedder = _networks()
    images = [decode(Path(photo)) for photo in photos]
    faces = [(image, faces[0]) for image in images if (faces := detector.detect(image))]
    if not faces:
        return []
    return list(embedder.embed(np.stack([detector.crop(image, face) for image, face in faces])))


def index(folder: str, store: str) -> dict[str, Any]:
    """Decode all photos of a folder, find and embed a face in each, with all cores, and keep the vectors."""
    photos = sorted(str(file) for file in Path(folder).rglob("*") if file.suffix.lower() in SUFFIXES)
    parts = [photos[start : start + AT_ONCE] for start in range(0, len(photos), AT_ONCE)]
    if len(parts) == 1:
        found = _vectors(photos)
    else:
        with ProcessPoolExecutor(usable_cores()) as workers:
            found = [vector for part in workers.map(_vectors, parts) for vector in part]
    vectors = np.stack(found)
    searched = faiss.IndexFlatIP(vectors.shape[1])
    searched.add(vectors)
    faiss.write_index(searched, store)
    return {"faces": len(vectors)}


def first(store: str, photo: str) -> dict[str, Any]:
    """Open networks and index, and answer a question by one photo."""
    return {"nearest": faiss.read_index(store).search(np.stack(_vectors([photo])), NEAREST)[1][0].tolist()}


def libraries() -> dict[str, Any]:
    """Load the libraries and do nothing."""
    return {}


if __name__ == "__main__":
    work, *words = sys.argv[1:]
    works: dict[str, Callable[..., dict[str, Any]]] = {"index": index, "first": first, "libraries": libraries}
    sys.stdout.write(json.dumps(works[work](*words)))
