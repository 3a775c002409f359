"""Galleries of invented people, made of vectors alone: as many and as alike as a test needs."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.faces.extraction import DetectedFace
from niteru.engine.faces.face import Face
from niteru.indexer.catalog.rows import PhotoFile
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.publishing import publish_faces

PEOPLE, PHOTOS = 30, 8


def gallery_of(folder: Path, labelled: list[tuple[str, str, np.ndarray]], quality: tuple[str, ...] = ()) -> Gallery:
    """Publish a gallery of (name, photo, vector) rows, with noise for crops."""
    gallery, embedder, dice = Gallery(folder, readonly=False), Embedder(), np.random.default_rng(1)
    with gallery.catalog.transaction():
        for number, (name, photo, vector) in enumerate(labelled):
            face = Face((0, 0, 112, 112), np.arange(10, dtype=np.float32).reshape(5, 2), 0.9)
            found = DetectedFace(face, np.zeros((112, 112, 3), np.uint8), quality if number == 0 else ())
            file = PhotoFile(f"{name}/{photo}", name, f"{number:064d}", 1, 1, "crops", None)
            ids = gallery.catalog.put_photo(file, [(found, vector)], embedder.info.id)
            noise = dice.integers(0, 256, (14, 14, 3)).astype(np.uint8)
            gallery.crops.save(ids[0], cv2.resize(noise, (112, 112), interpolation=cv2.INTER_CUBIC))
    publish_faces(gallery, embedder, "crops")
    return gallery


def crowd(seed: int = 0, people: int = PEOPLE) -> list[tuple[str, str, np.ndarray]]:
    """Invent people whose photos are as alike as those of real people."""
    dice, dimension = np.random.default_rng(seed), Embedder().info.dimension
    found, digits = [], len(str(people - 1))
    for person in range(people):
        middle = dice.normal(size=dimension)
        for photo in range(PHOTOS):
            vector = middle + dice.normal(scale=0.55, size=dimension)
            found.append(
                (f"P{person:0{digits}d}", f"{photo}.jpg", (vector / np.linalg.norm(vector)).astype(np.float32))
            )
    return found
