"""From the catalogue to a new generation."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from engine.embedder import Embedder, Vectors
from indexer import generation, generation_store
from indexer.calibration import calibrate
from indexer.canary import LEAST_COSINE, Canary
from indexer.catalog import Catalog
from indexer.crowding import crowding
from indexer.embedding import embed_anew
from indexer.gallery import Gallery
from indexer.generation import Contents, Generation
from indexer.index import KINDS, FlatIndex, Index, IvfPqIndex
from indexer.index.recall import FLOOR, RecallTooLow, tune
from indexer.labelling import settle_labels
from indexer.reports import withdraw_reports

log = logging.getLogger("niteru")
AUTO = "auto"
KIND, LEAST_RECALL = "index", "least_recall"
"""Settings of the owner's."""
EXACT_UP_TO = 150_000
"""Faces that exact search answers for in about ten milliseconds."""


def publish_faces(gallery: Gallery, embedder: Embedder, finder: str, *, anew: bool = False) -> None:
    """Settle whose face is whose, and publish a generation if the labelled faces are not the ones of the current.

    Args:
        gallery: opened for writing.
        embedder: the gallery's model; vectors by another one are made anew from the crops first, and all of them where
            the model answers otherwise than when the current generation was published.
        finder: name of what found the faces.
        anew: all vectors were made anew just now: publish in any case.
    """
    catalog = gallery.catalog
    if not anew:
        anew = canary_moved(gallery.folder, embedder)
        others = sorted(catalog.face_ids()) if anew else catalog.faces_by_others(embedder.info.id)
        if others:
            log.warning("%s makes the vectors of %d faces anew", embedder.info.id, len(others))
            embed_anew(gallery, embedder, others)
    with catalog.transaction():
        catalog.drop_empty_people()
        settle_labels(catalog, embedder.info)
    gallery.sweep_crops()
    try:
        _publish(gallery, embedder, finder, anew)
    except Exception:
        if catalog.erasing():  # nothing that holds what was forgotten may stay because something else failed
            generation_store.withdraw(gallery.folder)
            erase(gallery)
        raise


def _publish(gallery: Gallery, embedder: Embedder, finder: str, anew: bool) -> None:
    catalog, folder, info = gallery.catalog, gallery.folder, embedder.info
    face_ids, people, vectors = catalog.labelled_vectors(info.id)
    kind, floor = kind_for(catalog.setting(KIND), len(face_ids)), float(catalog.setting(LEAST_RECALL) or FLOOR)
    before, current = generation.current(folder), _loaded(folder)
    if not len(face_ids):
        generation_store.withdraw(folder)
        return
    if not anew and _holds(current, info.id, kind, floor, face_ids, people):
        generation_store.sweep(folder)
        return
    index, recall = _build(kind, vectors, people, floor, catalog.erasing())
    contents = Contents(
        model=info.id,
        finder=finder,
        index=index,
        recall=recall,
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


def _build(
    kind: type[Index], vectors: Vectors, people: NDArray[np.int64], floor: float, in_any_case: bool
) -> tuple[Index, float]:
    try:
        index = kind.build(vectors)
        return index, tune(index, vectors, people, floor)
    except (RecallTooLow, ModuleNotFoundError) as error:
        if not in_any_case:
            raise
        log.warning("%s; building an exact one, since something was forgotten", error)
        return FlatIndex.build(vectors), 1.0


def erase(gallery: Gallery) -> None:
    """Leave nothing of what was forgotten: no older generation, no work half done, no report, no byte in the catalogue.

    After everybody else was published. Does nothing where nothing was forgotten since the last time.

    Raises:
        CatalogError: see :meth:`~indexer.catalog.Catalog.scrub`; the next run ends it.
    """
    if gallery.catalog.erasing():
        generation_store.drop_older(gallery.folder)
        _remove_work(gallery)
        withdraw_reports(gallery.folder)
        gallery.catalog.scrub()
        with gallery.catalog.transaction():
            gallery.catalog.end_erasure()


def _remove_work(gallery: Gallery) -> None:
    """In one step for a report that is being made just now, which then gives up."""
    aside = gallery.work_folder.with_suffix(".gone")
    shutil.rmtree(aside, ignore_errors=True)
    if gallery.work_folder.exists():
        gallery.work_folder.rename(aside)
        shutil.rmtree(aside)


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


def _holds(
    current: Generation | None, model: str, kind: type[Index], floor: float, face_ids: np.ndarray, people: np.ndarray
) -> bool:
    """Whether a generation is the one that would be published."""
    if current is None or current.model != model or current.index.kind != kind.kind or current.recall < floor:
        return False
    return np.array_equal(current.face_ids, face_ids) and np.array_equal(current.person_ids, people)
