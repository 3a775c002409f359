"""Let a gallery use another model: all its faces embedded anew from their stored crops."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.model_zoo import adopted
from niteru.indexer.catalog.database import CatalogError
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.embed_anew import embed_anew
from niteru.indexer.update.publishing import canary_moved, publish_faces


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


def use_model(place: str | Path, model: Path) -> Remodelled:
    """Choose a model, and embed with it.

    The generation in use goes on serving with its own vectors until the next one is published; an interruption before
    the new vectors are all there leaves the gallery as it was.

    Args:
        place: of the gallery, see :func:`niteru.indexer.storage.open.open_backend`; made if it is not there.
        model: folder of the model; one that lies elsewhere is copied beside the user's own models first.

    Raises:
        GalleryBusy: another run is at work.
        ModelUnusable: the model cannot be used.
        CatalogError: no crop can be read, or as its module says.
    """
    chosen = adopted(model)
    embedder = Embedder(chosen)
    with Gallery.writing(place) as gallery:
        return _remodel(gallery, embedder, chosen)


def _remodel(gallery: Gallery, embedder: Embedder, model: Path) -> Remodelled:
    catalog = gallery.catalog
    moved = canary_moved(gallery.generations, embedder)
    faces = sorted(catalog.queries.face_ids()) if moved else catalog.queries.faces_by_others(embedder.info.id)
    done, lost = embed_anew(gallery, embedder, faces)
    if faces and not done:
        raise CatalogError(f"{gallery.name}: its crops are lost, so nothing can be embedded anew from them")
    with catalog.transaction():
        gallery.choose_model(model)
    detector = catalog.queries.detector()
    if detector:
        publish_faces(gallery, embedder, detector, anew=moved)
    return Remodelled(embedder.info.id, done, lost, gallery.generations.current())
