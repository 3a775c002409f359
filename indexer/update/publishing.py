"""Publishing: from the catalogue to a new generation, and erasure of what was forgotten."""

from __future__ import annotations

import logging
import shutil
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from niteru.engine.embedding.embedder import Embedder, ModelInfo
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.history import PUBLISHED
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.canary import LEAST_COSINE, Canary
from niteru.indexer.generations.generation import Contents, Generation, GenerationUnusable, IndexChoice
from niteru.indexer.generations.generation_store import GenerationStore
from niteru.indexer.generations.hubness import hubness
from niteru.indexer.generations.index import FlatIndex, kind_for
from niteru.indexer.generations.index.recall import FLOOR
from niteru.indexer.generations.rarity_calibration import calibrate
from niteru.indexer.lives.columns_of_people import columns_of_people
from niteru.indexer.lives.dates_of_photos import dates_by_photo
from niteru.indexer.naming.labels import settle_labels
from niteru.indexer.storage.judgements import Judgements
from niteru.indexer.update.embed_anew import embed_anew

log = logging.getLogger("niteru")
KIND, LEAST_RECALL = "index", "least_recall"
"""Settings: the owner's choice of index."""


def publish_faces(
    gallery: Gallery, embedder: Embedder, detector: str, *, anew: bool = False, by_hand: bool = False
) -> None:
    """Settle the labels, and publish a generation if the labelled faces, or the columns, differ from the current one's.

    Args:
        gallery: opened for writing.
        embedder: the gallery's model; faces with vectors by another one are embedded again from their crops first, and
            all faces where the model gives other vectors than when the current generation was published.
        detector: name of the detector that found the faces.
        anew: publish in any case, for all faces have just been embedded again.
        by_hand: whether people came and went because somebody gave names by hand.
    """
    catalog = gallery.catalog
    if not anew:
        anew = canary_moved(gallery.generations, embedder)
        others = sorted(catalog.queries.face_ids()) if anew else catalog.queries.faces_by_others(embedder.info.id)
        if others:
            log.warning("embedding %d faces again, with %s", len(others), embedder.info.id)
            embed_anew(gallery, embedder, others)
    with catalog.transaction():
        settle_labels(catalog, embedder.info)
        catalog.history.record(by_hand=by_hand)
    gallery.sweep_crops()
    try:
        _publish(gallery, embedder, detector, anew)
    except Exception:
        if catalog.erasing():  # no failure may leave a generation with what was forgotten
            gallery.generations.withdraw()
            erase(gallery)
        raise
    _note_published(gallery)


def _note_published(gallery: Gallery) -> None:
    """Note that the current generation has all changes so far, where they left it as it was."""
    catalog, number = gallery.catalog, gallery.generations.current() or 0
    if catalog.queries.last_change() > catalog.queries.last_publication(number):
        with catalog.transaction():
            catalog.note("published", {"generation": number, "faces": catalog.queries.counts()["faces"]})


def _publish(gallery: Gallery, embedder: Embedder, detector: str, anew: bool) -> None:
    catalog, generations, info = gallery.catalog, gallery.generations, embedder.info
    face_ids, people, vectors = catalog.queries.labelled_vectors(info.id)
    choice = IndexChoice(
        catalog.queries.setting(KIND) or FlatIndex.kind,
        float(catalog.queries.setting(LEAST_RECALL) or FLOOR),
        catalog.erasing(),
    )
    before, current = generations.current(), _loaded(generations)
    if not len(face_ids):
        generations.withdraw()
        return
    labels, columns, taken = catalog.queries.labels_digest(), columns_of_people(catalog), _taken(catalog, face_ids)
    same_labels = not generations.hold_labels or before is None or _labels_of(generations, before) == labels
    same_columns = current is not None and current.columns_digest == columns.digest
    same_dates = current is not None and np.array_equal(current.taken, taken)
    if not anew and same_labels and same_columns and same_dates and _holds(current, info, choice, face_ids, people):
        generations.sweep()
        _drop_damaged(generations)
        return
    contents = Contents(
        model=info.id,
        detector=detector,
        face_ids=face_ids,
        person_ids=people,
        vectors=vectors,
        hubness=hubness(vectors, people),
        calibration=replace(calibrate(vectors, people, info.calibration), spread=info.spread),
        canary=Canary.record(embedder),
        taken=taken,
        columns=columns,
        labels_digest=labels,
    )
    number = generations.publish(contents, choice)
    _drop_damaged(generations)
    with catalog.transaction():
        catalog.note(PUBLISHED, {"generation": number, "faces": len(face_ids), "change": catalog.history.last()})


def _taken(catalog: Catalog, face_ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Dates of the photos of faces, int64 (n,); 0 where they are not known."""
    dates = dates_by_photo(catalog)
    taken = np.zeros(len(face_ids), np.int64)
    if dates:
        dated = np.array(sorted(dates), np.int64)
        codes = np.array([dates[photo].code for photo in dated.tolist()], np.int64)
        faces, photos = catalog.queries.photos_of_labelled_faces()
        photos = photos[np.searchsorted(faces, face_ids)]
        place = np.minimum(np.searchsorted(dated, photos), len(dated) - 1)
        taken = np.where(dated[place] == photos, codes[place], 0)
    return taken


def erase(gallery: Gallery) -> None:
    """Erase what was forgotten from older generations, unfinished work, reports, and the catalogue's file and log.

    Runs after everybody else was published, and does nothing if nothing was forgotten since the last erasure.

    Raises:
        CatalogError: see :meth:`~niteru.indexer.catalog.catalog.Catalog.scrub`; the next run completes the erasure.
    """
    if gallery.catalog.erasing():
        gallery.reports.withdraw(gallery.catalog.erasures())
        gallery.generations.drop_older()
        _remove_work(gallery)
        Judgements(gallery.folder).keep_only(gallery.catalog.queries.photos())
        gallery.catalog.scrub()
        for left in gallery.passing_folders():
            shutil.rmtree(left)
        with gallery.catalog.transaction():
            gallery.catalog.end_erasure()


def _remove_work(gallery: Gallery) -> None:
    """Remove unfinished work in one step, so that a report that is being made fails instead of using half of it."""
    aside = gallery.work_folder.with_suffix(".gone")
    shutil.rmtree(aside, ignore_errors=True)
    if gallery.work_folder.exists():
        gallery.work_folder.rename(aside)
        shutil.rmtree(aside)


def canary_moved(generations: GenerationStore, embedder: Embedder) -> bool:
    """Whether the model gives other vectors here than when the current generation was published with it."""
    number = generations.current()
    if number is None:
        return False
    try:
        if generations.manifest(number).get("model") != embedder.info.id:
            return False
        canary = generations.canary(number)
    except GenerationUnusable:
        return False  # a broken generation is replaced in any case
    return canary.agreement(embedder) < LEAST_COSINE


def choose_index(catalog: Catalog, kind: str | None, least_recall: float | None) -> None:
    """Store the owner's choice of index for this and all later publications; None leaves a setting unchanged."""
    chosen = {KIND: kind, LEAST_RECALL: None if least_recall is None else str(least_recall)}
    with catalog.transaction():
        for key, value in chosen.items():
            if value is not None:
                catalog.set_setting(key, value)


def _labels_of(generations: GenerationStore, number: int) -> str | None:
    try:
        return generations.manifest(number).get("labels_digest")
    except GenerationUnusable:
        return None


def _drop_damaged(generations: GenerationStore) -> None:
    """Remove older generations that cannot be used: nobody could go back to them."""
    for number in generations.published():
        if number != generations.current():
            try:
                generations.load(number)
            except GenerationUnusable as error:
                what, *_ = str(error).partition(": run niteru index")  # which is what runs
                log.warning("%s; it is removed", what)
                generations.discard(number)


def _loaded(generations: GenerationStore) -> Generation | None:
    """The current generation; None if there is none, or it is damaged."""
    try:
        return generations.load()
    except GenerationUnusable:
        return None


def _holds(
    current: Generation | None, model: ModelInfo, choice: IndexChoice, face_ids: np.ndarray, people: np.ndarray
) -> bool:
    """Whether a generation is the same as the one that would be published."""
    kind = kind_for(choice.kind, len(face_ids)).kind
    if current is None or current.model != model.id or current.kind != kind or current.recall < choice.least_recall:
        return False
    if current.calibration.spread != model.spread or current.faces != len(face_ids):
        return False  # a backend may have removed faces since
    return np.array_equal(current.face_ids, face_ids) and np.array_equal(current.person_ids, people)
