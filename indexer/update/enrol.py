"""Bring a gallery up to date with a folder of photos."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import monotonic

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.faces.detector import detector_name
from niteru.engine.photos.faces_folder import LabelledPhoto, Listing, list_photos
from niteru.engine.photos.photo_stamp import stamp_of
from niteru.engine.photos.remote import is_remote
from niteru.engine.photos.skip_reason import SkipReason
from niteru.engine.work.cluster import Bulk, bulk, has_cluster
from niteru.engine.work.map_ahead import map_ahead
from niteru.engine.work.progress import progress_bar
from niteru.indexer.catalog.rows import PhotoFile
from niteru.indexer.catalog.suppression import SuppressionList
from niteru.indexer.gallery import Gallery
from niteru.indexer.storage.open import open_backend
from niteru.indexer.update.moves import KnownPhoto, known_photos
from niteru.indexer.update.plan import GalleryState, Plan, make_plan
from niteru.indexer.update.publishing import choose_index, erase, publish_faces
from niteru.indexer.update.reading import Batch, PhotoRead, PhotoTask, read_photos, reading_code
from niteru.indexer.update.summary import Summary

BATCH = 16
"""Photos read and committed together, by one worker: what an interruption may cost."""


def update(
    place: str | Path,
    faces: str | Path,
    *,
    crops: bool = False,
    dry: bool = False,
    kind: str | None = None,
    least_recall: float | None = None,
) -> Summary:
    """Enrol what is new or changed, drop what is gone, and publish a generation if anything moved.

    Args:
        place: of the gallery, see :func:`niteru.indexer.storage.open.open_backend`; made if it is not there.
        faces: folder of people's folders, here or at an address that fsspec knows, or a CSV of ``path,person``.
        crops: the pictures are face crops already.
        dry: only tell what would be done.
        kind: of index from now on, one of :data:`niteru.indexer.generations.index.KINDS` or ``auto``; as it was if
            None.
        least_recall: that an index must reach from now on; as it was, at first .98, if None.

    Raises:
        RecallTooLow: the index does not; everything is enrolled, and the last generation goes on serving.
        FacesMissing: no photos there.
        OtherPhotos: ``faces`` and the gallery share no photo.
        GalleryBusy: another run is at work.
        CatalogError, ModelUnusable: as their modules say.
    """
    start = monotonic()
    backend = open_backend(place)
    backend.mark()  # before photos are listed: it may lie among them
    listing = list_photos(faces)
    if dry and not backend.exists():
        return Summary(added=[photo.ref for photo in listing.photos], skipped=listing.skipped, dry=True)
    with Gallery.writing(place, readonly=dry) as gallery:
        if not dry:
            choose_index(gallery.catalog, kind, least_recall)
        allowed = SuppressionList(gallery.catalog).without_forgotten(listing)
        enrolment = Enrolment(gallery, faces, allowed, crops)
        summary = enrolment.foresee() if dry else enrolment.carry_out()
    summary.dry = dry
    summary.seconds = monotonic() - start
    return summary


class Enrolment:
    """A plan for one gallery, and the carrying out of it.

    Args:
        gallery: opened for writing, unless the plan is only told.
        faces: where the photos lie, all there are; None if these come by hand, beside the ones that are there.
        listing: the photos.
        crops: the pictures are face crops already.

    Raises:
        OtherPhotos: see :func:`niteru.indexer.update.plan.make_plan`.
    """

    def __init__(self, gallery: Gallery, faces: str | Path | None, listing: Listing, crops: bool) -> None:
        self.gallery, self.catalog, self.faces = gallery, gallery.catalog, faces
        self.embedder = Embedder(gallery.model_folder())
        self.photos = {photo.ref: photo for photo in listing.photos}
        self.state = GalleryState(
            gallery.backend.name,
            self.catalog.queries.photos(),
            detector_name(crops),
            self.embedder.info.id,
            frozenset(self.catalog.queries.photos_of(gallery.lost_crops())),
        )
        self.elsewhere = self._known_elsewhere()
        self.plan = self._planned()
        self.summary = Summary(skipped=dict(listing.skipped))

    def _known_elsewhere(self) -> dict[str, KnownPhoto]:
        new = (photo for ref, photo in self.photos.items() if ref not in self.state.photos)
        return known_photos(new, filter(self.state.is_current, self.state.photos.values()))

    def _planned(self) -> Plan:
        stamps = {ref: stamp_of(self.photos[ref].path) for ref in self.photos.keys() & self.state.photos.keys()}
        photos = list(self.photos.values())
        return make_plan(self.state, photos, stamps, self.elsewhere, all_there=self.faces is not None)

    def foresee(self) -> Summary:
        """What carrying it out would do."""
        plan, summary = self.plan, self.summary
        summary.added, summary.changed = sorted(plan.added + plan.copied), plan.changed
        summary.moved, summary.removed = plan.moved, plan.removed
        for ref in plan.unchanged:
            self._count_unchanged(ref)
        return summary

    def carry_out(self) -> Summary:
        """Do what the plan says, in durable batches, and publish."""
        summary, plan = self.summary, self.plan
        summary.added, summary.moved, summary.removed = list(plan.copied), plan.moved, plan.removed
        for ref in plan.unchanged:
            self._count_unchanged(ref)
        with self.catalog.transaction():
            if self.faces is not None:
                here = self.faces if is_remote(self.faces) else Path(self.faces).resolve()
                self.catalog.set_setting("faces", str(here))
            self._take_over()
            for ref in plan.removed:
                self.catalog.remove_photo(ref)
        for batch in self._read(plan.tasks):
            self._commit(batch)
        self._publish()
        erase(self.gallery)  # what a forgetting that was interrupted had still to do
        return summary

    def _take_over(self) -> None:
        """Enter the photos that are known under another name; copies before their sources go."""
        for ref in self.plan.copied:
            known = self.elsewhere[ref]
            file = replace(known.file, added=self.faces is None)
            for face, copy in self.catalog.copy_photo(known.source, file).items():
                self.gallery.crops.copy(face, copy)
        for ref in self.plan.moved:
            self.catalog.move_photo(self.elsewhere[ref].source, self.elsewhere[ref].file)

    def _count_unchanged(self, ref: str) -> None:
        reason = self.state.photos[ref].reason
        if reason:
            self.summary.skipped[ref] = reason
        else:
            self.summary.unchanged += 1

    def _read(self, tasks: list[PhotoTask]) -> Iterator[list[tuple[LabelledPhoto, PhotoRead]]]:
        """What workers make of photos, some at a time."""
        if not tasks:
            return
        parts = [tuple(tasks[start : start + BATCH]) for start in range(0, len(tasks), BATCH)]
        batches = [Batch(part, self.embedder.info.id, reading_code()) for part in parts]
        with self._workers(tasks) as workers, progress_bar("faces", len(tasks), "photo") as bar:
            for batch, reads in map_ahead(workers.executor, read_photos, batches, workers.ahead):
                yield [(task.photo, read) for task, read in zip(batch.tasks, reads, strict=True)]
                bar.update(len(reads))

    @contextlib.contextmanager
    def _workers(self, tasks: list[PhotoTask]) -> Iterator[Bulk]:
        # One batch is one worker's, and this process need not start first.
        if len(tasks) <= BATCH or (self.state.crops and not has_cluster()):
            with ThreadPoolExecutor(1) as here:
                yield Bulk(here, 1)
            return
        # Some may be gone by now; but whoever sees neither the first nor the last sees none.
        ends = (tasks[0].photo.path, tasks[-1].photo.path)
        with bulk(self.gallery.model_folder(), tuple(file for file in ends if stamp_of(file))) as workers:
            yield workers

    def _commit(self, batch: list[tuple[LabelledPhoto, PhotoRead]]) -> None:
        with self.catalog.transaction():
            for photo, read in batch:
                self._enter(photo, read)

    def _enter(self, photo: LabelledPhoto, read: PhotoRead) -> None:
        known = self.state.photos.get(photo.ref)
        if known and read.same:
            self.catalog.touch_photo(photo.ref, read.stamp)
            self._count_unchanged(photo.ref)
            return
        if read.reason:
            self.summary.skipped[photo.ref] = read.reason
        if known and read.reason == SkipReason.UNREADABLE:
            return  # a disk that fails for a moment costs no face
        added = self.faces is None or (known is not None and known.added)
        state = (read.sha256, *read.stamp, self.state.detector, read.reason, added)
        file = PhotoFile(photo.ref, photo.person, *state)
        ids = self.catalog.put_photo(file, [(face, face.vector) for face in read.faces], self.embedder.info.id)
        for number, face in zip(ids, read.faces, strict=True):
            self.gallery.crops.put(number, face.crop)
        if not read.reason:
            (self.summary.changed if known else self.summary.added).append(photo.ref)

    def _publish(self) -> None:
        publish_faces(self.gallery, self.embedder, self.state.detector)
        counts = self.catalog.queries.counts()
        self.summary.faces, self.summary.people = counts["faces"], counts["people"]
        self.summary.unlabelled = counts["unlabelled"]
        self.summary.generation = self.gallery.generations.current()
