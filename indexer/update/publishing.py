"""Publishing: from the catalogue to a new generation, and erasure of what was forgotten."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.embedding.embedder import Embedder, ModelInfo
from niteru.indexer.catalog.catalog import VECTORS_CHANGED, Catalog
from niteru.indexer.catalog.history import PUBLISHED
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.canary import LEAST_COSINE, Canary
from niteru.indexer.generations.generation import Contents, Generation, GenerationUnusable, IndexChoice, Listing
from niteru.indexer.generations.generation_store import GenerationStore
from niteru.indexer.generations.hubness import Strangers
from niteru.indexer.generations.index import FlatIndex, kind_for
from niteru.indexer.generations.index.recall import FLOOR
from niteru.indexer.generations.rarity_calibration import calibrate
from niteru.indexer.lives.columns_of_people import columns_of_people
from niteru.indexer.naming.labels import settle_labels
from niteru.indexer.storage.judgements import Judgements
from niteru.indexer.update.embed_anew import embed_anew
from niteru.indexer.update.taken import NEVER_TAKEN, Taken, taken_of

log = logging.getLogger("niteru")
KIND, LEAST_RECALL = "index", "least_recall"
"""Settings: the owner's choice of index."""
_AT_ONCE = 10_000
"""Faces whose vectors are read at once."""


def publish_faces(
    gallery: Gallery, embedder: Embedder, detector: str, *, anew: bool = False, by_hand: bool = False
) -> int:
    """Settle the labels, and publish a generation if the labelled faces, or the columns, differ from the current one's.

    Args:
        gallery: opened for writing.
        embedder: the gallery's model; faces with vectors by another one are embedded again from their crops first, and
            all faces where the model gives other vectors than when the current generation was published.
        detector: name of the detector that found the faces.
        anew: publish in any case, for all faces have just been embedded again.
        by_hand: whether people came and went because somebody gave names by hand.

    Returns:
        Number of photos of published faces whose date is known.
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
        catalog.labels.note_settled()
    if catalog.erasing():
        gallery.sweep_crops()
    else:
        gallery.drop_crops()  # what a killed run has left, the next one's look at the crops finds
    try:
        taken = _publish(gallery, embedder, detector, anew)
    except Exception:
        if catalog.erasing():  # no failure may leave a generation with what was forgotten
            gallery.generations.withdraw()
            erase(gallery)
        raise
    _note_published(gallery, taken)
    return taken.photos


def _note_published(gallery: Gallery, taken: Taken) -> None:
    """Note that the current generation has all changes so far, also where they left it as it was."""
    catalog, number = gallery.catalog, gallery.generations.current() or 0
    with catalog.transaction():
        if catalog.queries.last_change() > catalog.queries.last_publication(number):
            catalog.note(PUBLISHED, {"generation": number, "faces": catalog.queries.counts()["faces"]})
        if catalog.queries.last_published() == number:
            catalog.dates.note_judged(taken.passing)


def _publish(gallery: Gallery, embedder: Embedder, detector: str, anew: bool) -> Taken:
    """Publish what the catalogue has now, unless the current generation has just that.

    Whatever of the current one can stay does, but for a generation after a forgetting, which must not have a byte from
    before. Answers come first: whether what stayed is undamaged is looked at when the new ones are there.
    """
    catalog, generations, info = gallery.catalog, gallery.generations, embedder.info
    face_ids, people = catalog.queries.labelled_faces(info.id)
    if not len(face_ids):
        generations.withdraw()
        return NEVER_TAKEN
    current = _loaded(generations, thoroughly=False)
    taken = taken_of(catalog, face_ids, current)
    listing = Listing(
        model=info.id,
        detector=detector,
        face_ids=face_ids,
        person_ids=people,
        taken=taken.codes,
        columns=columns_of_people(catalog),
        labels_digest=catalog.queries.labels_digest() if generations.hold_labels else "",
    )
    if anew or current is None or not _is_sound(catalog, current, info, len(face_ids)):
        _publish_whole(gallery, listing, embedder, None)
    elif not _is_listed(generations, current, listing) or (catalog.erasing() and current.has_leftovers):
        number = None if catalog.erasing() else generations.extend(current, listing, catalog.queries.vectors)
        if number is None:
            _publish_whole(gallery, listing, embedder, _loaded(generations))
        else:
            _note_publication(catalog, number, listing)
    generations.sweep()
    if _loaded(generations) is None:
        _publish_whole(gallery, listing, embedder, None)
    _drop_damaged(generations)
    return taken


def _publish_whole(gallery: Gallery, listing: Listing, embedder: Embedder, current: Generation | None) -> None:
    """Publish a generation that has nothing in common with those before.

    Args:
        gallery: opened for writing.
        listing: its faces.
        embedder: the model of their vectors.
        current: a generation whose vectors of these faces are the same as the catalogue's, and quicker to read.
    """
    catalog, generations, model = gallery.catalog, gallery.generations, embedder.info
    blocks = _vectors_in_blocks(catalog, listing.face_ids, model.dimension, current)
    vectors, people = generations.gather(len(listing.face_ids), model.dimension, blocks), listing.person_ids
    contents = Contents(
        **{one.name: getattr(listing, one.name) for one in fields(listing)},
        vectors=vectors,
        strangers=Strangers.drawn(vectors, people),
        calibration=replace(calibrate(vectors, people, model.calibration), spread=model.spread),
        canary=Canary.record(embedder),
    )
    _note_publication(catalog, generations.publish(contents, _choice(catalog)), listing)


def _vectors_in_blocks(
    catalog: Catalog, faces: NDArray[np.int64], dimension: int, current: Generation | None
) -> Iterator[Vectors]:
    """Vectors of faces, in the order of their ids, from a generation as far as it has them, or else the catalogue."""
    for block in np.array_split(faces, max(1, len(faces) // _AT_ONCE)):
        here = np.zeros(len(block), np.bool_) if current is None else np.isin(block, current.face_ids)
        vectors = np.empty((len(block), dimension), np.float32)
        if current is not None and here.any():
            vectors[here] = current.vectors(block[here])
        if not here.all():
            vectors[~here] = catalog.queries.vectors(block[~here])
        yield vectors


def _choice(catalog: Catalog) -> IndexChoice:
    """The owner's choice of index."""
    least_recall = float(catalog.queries.setting(LEAST_RECALL) or FLOOR)
    return IndexChoice(catalog.queries.setting(KIND) or FlatIndex.kind, least_recall, catalog.erasing())


def _note_publication(catalog: Catalog, number: int, listing: Listing) -> None:
    """Note that a generation has the catalogue's faces and their vectors of now."""
    with catalog.transaction():
        catalog.note(
            PUBLISHED, {"generation": number, "faces": len(listing.face_ids), "change": catalog.history.last()}
        )
        catalog.drop_setting(VECTORS_CHANGED)


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


def _loaded(generations: GenerationStore, *, thoroughly: bool = True) -> Generation | None:
    """The current generation; None if there is none, or it is damaged."""
    try:
        return generations.load(thoroughly=thoroughly)
    except GenerationUnusable:
        return None


def _is_sound(catalog: Catalog, current: Generation, model: ModelInfo, faces: int) -> bool:
    """Whether a generation is one of the index and the vectors that would be published.

    No id of a face is given twice, and whoever changes a vector notes it. So the vectors of faces that a generation and
    the catalogue both have are the same, unless the catalogue is one from before that generation.
    """
    choice = _choice(catalog)
    return (
        current.model == model.id
        and current.kind == kind_for(choice.kind, faces).kind
        and current.recall >= choice.least_recall
        and current.calibration.spread == model.spread
        and catalog.queries.setting(VECTORS_CHANGED) is None
        and catalog.queries.has_published(current.number)
    )


def _is_listed(generations: GenerationStore, current: Generation, listing: Listing) -> bool:
    """Whether a generation has just these faces, of these people, with what is said of them."""
    return (
        current.faces == len(listing.face_ids)  # a backend may have removed faces since
        and np.array_equal(current.face_ids, listing.face_ids)
        and np.array_equal(current.person_ids, listing.person_ids)
        and np.array_equal(current.taken, listing.taken)
        and current.columns_digest == listing.columns.digest
        and generations.manifest(current.number)["labels_digest"] == listing.labels_digest
    )
