"""Let a gallery use another model: all its faces embedded anew from their stored crops."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.embedder import BATCH, Embedder
from engine.model_zoo import adopted
from engine.progress import progress_bar
from indexer import generation
from indexer.database import CatalogError
from indexer.gallery import Gallery
from indexer.lock import gallery_lock
from indexer.publishing import canary_moved, publish_faces

log = logging.getLogger("niteru")


@dataclass(frozen=True, slots=True)
class Remodelled:
    """What came of it.

    Attributes:
        model: id of the gallery's model now.
        faces: embedded anew.
        lost: faces without a readable crop; the next ``make index`` reads their photos again.
        generation: in use now; None in an empty gallery.
    """

    model: str
    faces: int
    lost: int
    generation: int | None


def use_model(folder: Path, model: Path) -> Remodelled:
    """Choose a model, and embed with it.

    The generation in use goes on serving with its own vectors until the next one is published; an interruption before
    the new vectors are all there leaves the gallery as it was.

    Args:
        folder: of the gallery; made if it is not there.
        model: folder of the model; one that lies elsewhere is copied beside the user's own models first.

    Raises:
        GalleryBusy: another run is at work.
        ModelUnusable: the model cannot be used.
        CatalogError: no crop can be read, or as its module says.
    """
    chosen = adopted(model)
    embedder = Embedder(chosen)
    folder.mkdir(parents=True, exist_ok=True)
    with gallery_lock(folder):
        gallery = Gallery(folder, readonly=False)
        try:
            return _remodel(gallery, embedder, chosen)
        finally:
            gallery.close()


def _remodel(gallery: Gallery, embedder: Embedder, model: Path) -> Remodelled:
    catalog = gallery.catalog
    moved = canary_moved(gallery.folder, embedder)
    faces = sorted(catalog.face_ids()) if moved else catalog.faces_by_others(embedder.info.id)
    done, lost = embed_anew(gallery, embedder, faces)
    with catalog.transaction():
        gallery.choose_model(model)
    finder = catalog.finder()
    if finder:
        publish_faces(gallery, embedder, finder, anew=moved)
    return Remodelled(embedder.info.id, done, lost, generation.current(gallery.folder))


def embed_anew(gallery: Gallery, embedder: Embedder, faces: list[int]) -> tuple[int, int]:
    """Replace the vectors of faces by those of a model, all in one transaction.

    Returns:
        How many were, and how many have no readable crop and keep what they had.

    Raises:
        CatalogError: no crop can be read at all.
    """
    ids, parts = [], []
    with progress_bar("faces", len(faces), "face") as bar:
        for start in range(0, len(faces), BATCH):
            block = faces[start : start + BATCH]
            crops = {face: crop for face in block if (crop := gallery.crop(face)) is not None}
            if crops:
                ids += list(crops)
                parts.append(embedder.embed(np.stack(list(crops.values()))))
            bar.update(len(block))
    lost = len(faces) - len(ids)
    if faces and not ids:
        raise CatalogError(f"{gallery.folder}: its crops are lost, so nothing can be embedded anew from them")
    if parts:
        with gallery.catalog.transaction():
            gallery.catalog.put_vectors(ids, np.concatenate(parts), embedder.info.id)
    if lost:
        log.warning("%d faces have no readable crop: make index reads their photos again", lost)
    return len(ids), lost
