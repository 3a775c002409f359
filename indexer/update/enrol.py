"""Enrolment: bringing a gallery up to date with a folder of photos."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

from niteru.engine.photos.faces_folder import Listing, list_photos, respelled
from niteru.engine.photos.tables.photo_table import PATH_AND_PERSON, ColumnNames
from niteru.indexer.catalog.suppression import SuppressionList
from niteru.indexer.gallery import Gallery
from niteru.indexer.storage.open import open_backend
from niteru.indexer.update.enrolment import Enrolment
from niteru.indexer.update.mending import Agree, mend_catalog, require
from niteru.indexer.update.names_wanted import NamesFrom, keep_names, kept_names
from niteru.indexer.update.person_level import keep_level, kept_level, tell_of_shared_names
from niteru.indexer.update.publishing import choose_index
from niteru.indexer.update.summary import Summary


def update(
    address: str | Path,
    faces: str | Path,
    *,
    crops: bool = False,
    dry: bool = False,
    kind: str | None = None,
    least_recall: float | None = None,
    person_level: int | None = None,
    columns: ColumnNames = PATH_AND_PERSON,
    names: NamesFrom | None = None,
    agree: Agree | None = None,
) -> Summary:
    """Enrol new and changed photos, drop missing ones, and publish a generation if labelled faces changed.

    Args:
        address: of the gallery, see :func:`niteru.indexer.storage.open.open_backend`; a missing one is made.
        faces: folder of people's folders, here or at an address that fsspec knows, or a table of ``path,person``.
        crops: the pictures are face crops already.
        dry: only report what would be done.
        kind: of index from now on, of :data:`niteru.indexer.generations.index.KINDS` or ``auto``; None: unchanged.
        least_recall: of an index from now on; None: unchanged, at first .98.
        person_level: which folder below ``faces`` is the person's, from 1, from now on; None: unchanged, at first the
            one that a photo lies in.
        columns: names of the columns for path and person in a table.
        names: where people's names come from, from now on; None: unchanged, at first from folders.
        agree: asked whether people, or many photos, may go; None: they may.

    Raises:
        RecallTooLow: the index reaches less; all photos are enrolled, and the last generation stays in use.
        FacesMissing, OtherPhotos: there are no photos, or none that the gallery has.
        WouldLose: people, or many photos, would go, and that was not agreed to; nothing is changed then.
        GalleryBusy: another run holds the gallery.
        CatalogError, ModelUnusable: the catalogue or the model cannot be used.
    """
    start = monotonic()
    backend = open_backend(address)
    backend.mark()  # before photos are listed, for the gallery may lie among them
    listing = (
        None if backend.exists() else list_photos(faces, person_level, columns)
    )  # no gallery for photos that are missing
    if dry and listing is not None:
        return Summary(added=[photo.ref for photo in listing.all_photos], skipped=listing.skipped, dry=True)
    rescued = None
    if listing is None and not dry:
        with backend.lock():
            rescued = mend_catalog(backend, agree)
    with Gallery.writing(address, readonly=dry) as gallery:
        listing = listing or list_photos(faces, person_level or kept_level(gallery), columns)
        wanted = names or kept_names(gallery.catalog)
        enrolment = Enrolment(gallery, faces, _as_known(gallery, listing), crops, wanted)
        losses = enrolment.losses()
        if dry:
            summary = enrolment.foresee()
        else:
            if losses.serious:
                require(agree, gallery.backend.name, str(losses))
            choose_index(gallery.catalog, kind, least_recall)
            keep_level(gallery, person_level)
            keep_names(gallery.catalog, names)
            summary = enrolment.carry_out()
        summary.losses = str(losses) if losses.serious else None
    summary.dry = dry
    summary.mended = None if rescued is None else str(rescued)
    summary.seconds = monotonic() - start
    return summary


def _as_known(gallery: Gallery, listing: Listing) -> Listing:
    """A listing with names as the gallery spells them, and without what was forgotten."""
    names = {name for _, name, _ in gallery.catalog.queries.people()}
    tell_of_shared_names(listing, names)
    return SuppressionList(gallery.catalog).without_forgotten(respelled(listing, names))
