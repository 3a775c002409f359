"""From the catalogue to a new generation."""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from engine.embedder import Embedder
from indexer import generation, generation_store
from indexer.calibration import calibrate
from indexer.canary import LEAST_COSINE, Canary
from indexer.catalog import Catalog
from indexer.crowding import crowding
from indexer.gallery import Gallery
from indexer.generation import Contents, Generation
from indexer.index import KINDS, FlatIndex, Index, IvfPqIndex
from indexer.index.recall import FLOOR, tune
from indexer.labelling import settle_labels

AUTO = "auto"
KIND, LEAST_RECALL = "index", "least_recall"
"""Settings of the owner's."""
EXACT_UP_TO = 150_000
"""Faces that exact search answers for in about ten milliseconds."""


def publish_faces(gallery: Gallery, embedder: Embedder, finder: str, *, anew: bool = False) -> None:
    """Settle whose face is whose, and publish a generation if the labelled faces are not the ones of the current.

    Args:
        gallery: opened for writing.
        embedder: the gallery's model; vectors by another one stay out.
        finder: name of what found the faces.
        anew: publish in any case: the vectors of the same faces are other ones.
    """
    catalog, folder, info = gallery.catalog, gallery.folder, embedder.info
    with catalog.transaction():
        catalog.drop_empty_people()
        settle_labels(catalog, info)
    face_ids, people, vectors = catalog.labelled_vectors(info.id)
    kind = kind_for(catalog.setting(KIND), len(face_ids))
    before, current = generation.current(folder), _loaded(folder)
    if not len(face_ids):
        generation_store.withdraw(folder)
    elif anew or not _holds(current, info.id, kind, face_ids, people):
        index = kind.build(vectors)
        contents = Contents(
            model=info.id,
            finder=finder,
            index=index,
            recall=tune(index, vectors, people, float(catalog.setting(LEAST_RECALL) or FLOOR)),
            face_ids=face_ids,
            person_ids=people,
            crowding=crowding(vectors, people),
            calibration=calibrate(vectors, people, info.calibration),
            canary=Canary.sing(embedder),
        )
        number = generation_store.publish(folder, contents)
        if before is not None and current is None:
            generation_store.discard(folder, before)
        with catalog.transaction():
            catalog.note("published", {"generation": number, "faces": len(face_ids)})
    gallery.sweep_crops()


def erase(gallery: Gallery) -> None:
    """Leave nothing of what was forgotten: no older generation, no byte in the catalogue's file.

    After everybody else was published. Does nothing where nothing was forgotten since the last time.

    Raises:
        CatalogError: see :meth:`~indexer.catalog.Catalog.scrub`; the next run ends it.
    """
    if gallery.catalog.erasing():
        generation_store.drop_older(gallery.folder)
        gallery.catalog.scrub()
        with gallery.catalog.transaction():
            gallery.catalog.end_erasure()


def canary_moved(folder: Path, embedder: Embedder) -> bool:
    """Whether the model answers otherwise here than when the current generation was published with it."""
    number = generation.current(folder)
    if number is None:
        return False
    try:
        if generation.manifest_of(folder, number)["model"] != embedder.info.id:
            return False
        canary = Canary.load(generation.folder_of(folder, number) / generation.CANARY)
    except (generation.GenerationUnusable, KeyError, OSError, ValueError, BadZipFile):
        return False  # a broken generation is replaced in any case
    return canary.agreement(embedder) < LEAST_COSINE


def choose_index(catalog: Catalog, kind: str | None, least_recall: float | None) -> None:
    """Keep the owner's choice of index for this publication and those to come; None leaves it as it was."""
    chosen = {KIND: kind, LEAST_RECALL: None if least_recall is None else str(least_recall)}
    with catalog.transaction():
        for key, value in chosen.items():
            if value is not None:
                catalog.set_setting(key, value)


def kind_for(choice: str | None, faces: int) -> type[Index]:
    """The kind of index that is built: the one that was chosen, exact search unless any was, or by size."""
    if choice == AUTO:
        return FlatIndex if faces <= EXACT_UP_TO else IvfPqIndex
    return KINDS[choice or FlatIndex.kind]


def _loaded(folder: Path) -> Generation | None:
    """The current generation; None if there is none that can be used."""
    try:
        return generation.load(folder)
    except generation.GenerationUnusable:
        return None


def _holds(current: Generation | None, model: str, kind: type[Index], face_ids: np.ndarray, people: np.ndarray) -> bool:
    """Whether a generation is the one that would be published."""
    if current is None or current.model != model or current.index.kind != kind.kind:
        return False
    return np.array_equal(current.face_ids, face_ids) and np.array_equal(current.person_ids, people)
