"""Let a gallery use another model: all its faces embedded anew from their stored crops."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.embedder import BATCH, Embedder, Vectors
from engine.photo import decode
from engine.progress import progress_bar
from indexer import generation
from indexer.gallery import Gallery
from indexer.lock import gallery_lock
from indexer.publishing import publish_faces


def use_model(folder: Path, model: Path) -> dict[str, object]:
    """Choose a model; while its vectors are made, the old ones still serve.

    An interruption leaves the gallery as it was. A face whose crop is lost is embedded by the next ``make index``.

    Args:
        folder: of the gallery; made if it is not there.
        model: folder of the model.

    Returns:
        ``model``, ``faces`` embedded anew, ``generation``.

    Raises:
        GalleryBusy: another run is at work.
        ModelUnusable: the model cannot be used.
        CatalogError: as its module says.
    """
    embedder = Embedder(model)
    folder.mkdir(parents=True, exist_ok=True)
    with gallery_lock(folder):
        gallery = Gallery(folder, readonly=False)
        try:
            catalog = gallery.catalog
            faces = [face for face in catalog.faces_by_others(embedder.info.id) if gallery.crop_file(face).is_file()]
            vectors = _embedded(gallery, embedder, faces)
            with catalog.transaction():
                gallery.choose_model(model)
                catalog.put_vectors(faces, vectors, embedder.info.id)
            finders = {photo.finder for photo in catalog.photos().values()}
            if finders:
                publish_faces(gallery, embedder, finders.pop())
        finally:
            gallery.close()
    return {"model": embedder.info.id, "faces": len(faces), "generation": generation.current(folder)}


def _embedded(gallery: Gallery, embedder: Embedder, faces: list[int]) -> Vectors:
    parts = []
    with progress_bar("faces", len(faces), "face") as bar:
        for start in range(0, len(faces), BATCH):
            crops = [decode(gallery.crop_file(face)) for face in faces[start : start + BATCH]]
            parts.append(embedder.embed(np.stack(crops)))
            bar.update(len(crops))
    return np.concatenate(parts) if parts else np.empty((0, embedder.info.dimension), np.float32)
