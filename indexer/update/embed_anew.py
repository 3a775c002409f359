"""Renewal of vectors from the stored crops."""

from __future__ import annotations

import logging

import numpy as np

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.work.progress import progress_bar
from niteru.indexer.gallery import Gallery

log = logging.getLogger("niteru")


def embed_anew(gallery: Gallery, embedder: Embedder, faces: list[int]) -> tuple[int, int]:
    """Replace the vectors of faces by those of a model, all in one transaction.

    Returns:
        Number of faces embedded, and number of faces without a readable crop, which keep their old vectors.
    """
    ids, parts = [], []
    with progress_bar("faces", len(faces), "face") as bar:
        for face in faces:
            crop = gallery.crop(face)
            if crop is not None:
                ids.append(face)
                parts.append(embedder.embed(crop[None]))
            bar.update()
    lost = len(faces) - len(ids)
    if parts:
        with gallery.catalog.transaction():
            gallery.catalog.put_vectors(ids, np.concatenate(parts), embedder.info.id)
    if lost:
        log.warning("%d faces have no readable crop: niteru index reads their photos again", lost)
    return len(ids), lost
