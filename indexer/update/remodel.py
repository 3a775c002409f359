"""Change of a gallery's model: all faces are embedded again from their stored crops."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.model_zoo import adopted
from niteru.indexer.catalog.connection import CatalogError
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.embed_anew import embed_anew
from niteru.indexer.update.publishing import canary_moved, erase, publish_faces


@dataclass(frozen=True, slots=True)
class Remodelled:
    """Result of a change of model.

    Attributes:
        model: id of the gallery's new model.
        faces: number of faces embedded again.
        lost: number of faces without a readable crop; the next ``niteru index`` reads their photos again.
        generation: current one; None in an empty gallery.
    """

    model: str
    faces: int
    lost: int
    generation: int | None


def use_model(address: str | Path, model: Path) -> Remodelled:
    """Change to another model, and embed all faces with it.

    The current generation stays in use, with its own vectors, until the next one is published; an interruption before
    the new vectors are complete leaves the gallery as it was.

    Args:
        address: of the gallery, see :func:`niteru.indexer.storage.open.open_backend`; a missing one is made.
        model: folder of the model; one that lies elsewhere is copied beside the user's own models first.

    Raises:
        GalleryBusy: another run holds the gallery.
        ModelUnusable: the model cannot be used.
        CatalogError: the catalogue, or not a single crop, can be read.
    """
    chosen = adopted(model)
    embedder = Embedder(chosen)
    with Gallery.writing(address) as gallery:
        return _remodel(gallery, embedder, chosen)


def _remodel(gallery: Gallery, embedder: Embedder, model: Path) -> Remodelled:
    catalog = gallery.catalog
    moved = canary_moved(gallery.generations, embedder)
    faces = sorted(catalog.queries.face_ids()) if moved else catalog.queries.faces_by_others(embedder.info.id)
    done, lost = embed_anew(gallery, embedder, faces)
    if faces and not done:
        raise CatalogError(
            f"{gallery.name}: all of its crops are lost: run niteru index, which cuts them out again, then try again"
        )
    with catalog.transaction():
        gallery.choose_model(model)
    detector = catalog.queries.detector()
    if detector:
        publish_faces(gallery, embedder, detector, anew=moved)
    erase(gallery)  # completes a forgetting that was interrupted
    return Remodelled(embedder.info.id, done, lost, gallery.generations.current())
