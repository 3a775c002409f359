"""One run over photos: its plan for a gallery, and how it is carried out in durable batches."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import monotonic

from niteru.engine.embedding.embedder import Embedder, ModelInfo
from niteru.engine.faces.detector import detector_name
from niteru.engine.networks.model_folder import read_info
from niteru.engine.photos.decoding.bounded import has_bounds
from niteru.engine.photos.faces_folder import LabelledPhoto, Listing
from niteru.engine.photos.network_drive import network_drive
from niteru.engine.photos.photo_stamp import stamp_of
from niteru.engine.photos.skip_reason import SkipReason
from niteru.engine.photos.source import is_remote
from niteru.engine.work.cluster import WorkerLost, bulk, has_cluster
from niteru.engine.work.map_ahead import map_ahead
from niteru.engine.work.progress import progress_bar
from niteru.indexer.ask.changes import added_up
from niteru.indexer.catalog.indexing import forget_progress, note_progress
from niteru.indexer.catalog.rows import PhotoFile
from niteru.indexer.gallery import Gallery
from niteru.indexer.lives.columns_of_people import columns_of_people
from niteru.indexer.update.changed_columns import changed_columns
from niteru.indexer.update.dates_read import DatesReading
from niteru.indexer.update.earlier_faces import EarlierFaces, without_forgotten
from niteru.indexer.update.losses import Losses, losses_of
from niteru.indexer.update.mending import CropsCheck
from niteru.indexer.update.moves import KnownPhoto, known_photos
from niteru.indexer.update.names_read import NamesReading
from niteru.indexer.update.names_wanted import NamesFrom
from niteru.indexer.update.order_of_faces import in_another_order, record_order
from niteru.indexer.update.plan import GalleryState, Plan, make_plan
from niteru.indexer.update.publishing import erase, publish_faces
from niteru.indexer.update.reading import Batch, PhotoRead, PhotoTask, read_photos, reading_code
from niteru.indexer.update.summary import Summary
from niteru.indexer.update.told import newly_told

log = logging.getLogger("niteru")
BATCH = 16
"""Photos that one worker reads and one transaction commits: the most that an interruption loses."""
NOTED_S = 1.0
"""Seconds between two notes of how far a run has come."""


class Enrolment:
    """Plan of a run over photos for one gallery, and its execution.

    Args:
        gallery: opened for writing, unless the plan is only reported.
        faces: folder or address of all photos there are; None for single photos added by hand.
        listing: the photos.
        crops: the pictures are face crops already.
        names: where people's names come from.

    Raises:
        OtherPhotos: see :func:`niteru.indexer.update.plan.make_plan`.
    """

    def __init__(
        self,
        gallery: Gallery,
        faces: str | Path | None,
        listing: Listing,
        crops: bool,
        names: NamesFrom = NamesFrom.FOLDERS,
    ) -> None:
        self.gallery, self.catalog, self.faces = gallery, gallery.catalog, faces
        self.model = read_info(gallery.model_folder(), ModelInfo).id
        self.photos = {photo.ref: photo for photo in listing.all_photos}
        self.unlistable = listing.unlistable
        self.crops = CropsCheck(gallery)
        self.without_crop = self.catalog.queries.photos_of(self.crops.bad)
        known = self.catalog.queries.photos()
        self.names = NamesReading(self.catalog, names, self.photos, known)
        self.dates = DatesReading(self.catalog, self.photos, known)
        self.state = GalleryState(
            gallery.backend.name,
            known,
            detector_name(crops),
            self.model,
            in_another_order(self.catalog).union(self.without_crop),
            self.names.taken is not None,
            self.names.others,
            self.dates.unread,
        )
        self.elsewhere = self._known_elsewhere()
        self.plan = self._planned()
        self.for_notes = frozenset(task.photo.ref for task in self.plan.notes)
        self.summary = Summary(skipped=dict(listing.skipped), names=self.names.taken)
        self._tell_of_hopeless_crops()

    def _tell_of_hopeless_crops(self) -> None:
        hopeless = sorted(ref for ref in self.without_crop if self.faces is not None and ref not in self.photos)
        if hopeless:
            log.warning("crops of %d photos are lost, and FACES does not have them: %s", len(hopeless), hopeless[0])

    def _known_elsewhere(self) -> dict[str, KnownPhoto]:
        new = (photo for ref, photo in self.photos.items() if ref not in self.state.photos)
        return known_photos(new, filter(self.state.is_current, self.state.photos.values()))

    def _planned(self) -> Plan:
        stamps = {ref: stamp_of(self.photos[ref].path) for ref in self.photos.keys() & self.state.photos.keys()}
        photos = list(self.photos.values())
        return make_plan(
            self.state, photos, stamps, self.elsewhere, all_there=self.faces is not None, unlistable=self.unlistable
        )

    def losses(self) -> Losses:
        """What carrying out the plan would take away."""
        return losses_of(self.state, self.plan, self.photos, self.elsewhere)

    def foresee(self) -> Summary:
        """Summary of what carrying out the plan would do."""
        plan, summary = self.plan, self.summary
        summary.added, summary.changed = sorted(plan.added + plan.copied), plan.changed
        summary.moved, summary.removed = plan.moved, plan.removed
        for ref in plan.unchanged:
            self._count_unchanged(ref)
        summary.columns = len(changed_columns(self.catalog, {ref: self.photos[ref] for ref in plan.unchanged}))
        if summary.names is not None:
            summary.names.photos = sum(ref in self.names.others for ref in self.for_notes) + len(plan.tasks)
        summary.dates_read = len(self.for_notes & self.dates.unread)
        return summary

    def carry_out(self) -> Summary:
        """Carry out the plan in durable batches, and publish."""
        summary, plan, before = self.summary, self.plan, self.catalog.history.now()
        summary.added, summary.moved, summary.removed = list(plan.copied), plan.moved, plan.removed
        for ref in plan.unchanged:
            self._count_unchanged(ref)
        if self.faces is not None:
            summary.columns = len(changed_columns(self.catalog, {ref: self.photos[ref] for ref in plan.unchanged}))
        self.gallery.crops.remove(self.crops.strays)
        if not self.state.photos:  # all will be read with today's choice, wherever the run ends
            record_order(self.catalog)
        with self.catalog.transaction():
            if self.faces is not None:
                here = self.faces if is_remote(self.faces) else Path(self.faces).resolve()
                self.catalog.set_setting("faces", str(here))
            self.crops.remember(self.catalog)
            self._take_over()
            for ref in plan.removed:
                self.catalog.remove_photo(ref)
        for batch in self._read(plan.tasks + plan.notes):
            self._commit(batch)
        if self.faces is not None:
            self._take_up_columns()
            record_order(self.catalog)
        self._publish()
        summary.people_changed = added_up(self.catalog.history.since(before), since=before.at)
        erase(self.gallery)  # completes a forgetting that was interrupted
        return summary

    def _take_up_columns(self) -> None:
        with self.catalog.transaction():
            for ref in changed_columns(self.catalog, self.photos):
                self.catalog.put_columns(ref, self.photos[ref].columns)

    def _take_over(self) -> None:
        """Enter photos whose faces are known under another name; copies first, while their sources exist."""
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
        """Have workers read photos; yields one batch after another."""
        if not tasks:
            return
        noted = 0.0
        with progress_bar("faces", len(tasks), "photo") as bar:
            for batch, reads in self._reads(tasks):
                yield [(task.photo, read) for task, read in zip(batch.tasks, reads, strict=True)]
                bar.update(len(reads))
                if bar.n < len(tasks) and monotonic() - noted >= NOTED_S:
                    note_progress(self.catalog, bar.n, len(tasks))
                    noted = monotonic()
        forget_progress(self.catalog)

    def _reads(self, tasks: list[PhotoTask]) -> Iterator[tuple[Batch, list[PhotoRead]]]:
        """Batches as workers have read them; what one could not finish is read by others."""
        parts = [tuple(tasks[start : start + BATCH]) for start in range(0, len(tasks), BATCH)]
        batches = [Batch(part, self.model, reading_code()) for part in parts]
        # A single batch needs one worker, and a thread of this process starts at once.
        if len(tasks) <= BATCH or (self.state.crops and not has_cluster()):
            with ThreadPoolExecutor(1) as here:
                yield from map_ahead(here, read_photos, batches, 1)
            return
        done = 0
        if has_bounds() and not has_cluster():
            try:
                for batch, reads in self._by_workers([replace(batch, apart=False) for batch in batches]):
                    yield batch, reads
                    done += 1
            except WorkerLost:
                log.warning("a worker process was ended, perhaps by a picture: the others go on more carefully")
        yield from self._by_workers(batches[done:])

    def _by_workers(self, batches: list[Batch]) -> Iterator[tuple[Batch, list[PhotoRead]]]:
        if not batches:
            return
        # A machine that sees neither the first nor the last photo sees none; some may be gone by now.
        ends = (batches[0].tasks[0].photo.path, batches[-1].tasks[-1].photo.path)
        model, files = self.gallery.model_folder(), tuple(file for file in ends if stamp_of(file))
        far = self.faces is not None and (is_remote(self.faces) or network_drive(Path(self.faces)) is not None)
        with bulk(model, files, [read_photos.__module__], far=far) as workers:
            yield from map_ahead(workers.executor, read_photos, batches, workers.ahead)

    def _commit(self, batch: list[tuple[LabelledPhoto, PhotoRead]]) -> None:
        with self.catalog.transaction():
            for photo, read in batch:
                if photo.ref not in self.for_notes:
                    self._enter(photo, read)
                elif read.same:  # one that changed since then is left to the next run
                    self._enter_notes(photo.ref, read)

    def _enter_notes(self, ref: str, read: PhotoRead) -> None:
        self.names.enter(ref, read)
        self.dates.enter(ref, read)
        self.summary.dates_read += ref in self.dates.unread

    def _enter(self, photo: LabelledPhoto, read: PhotoRead) -> None:
        known = self.state.photos.get(photo.ref)
        if known and read.same:
            self.catalog.touch_photo(photo.ref, read.stamp)
            self._enter_notes(photo.ref, read)
            self._count_unchanged(photo.ref)
            return
        if read.reason:
            self.summary.skipped[photo.ref] = read.reason
        if known and read.reason == SkipReason.UNREADABLE:
            return  # keep the known faces when a disk fails for a moment
        added = self.faces is None or (known is not None and known.added)
        state = (read.sha256, *read.stamp, self.state.detector, read.reason, added)
        file = PhotoFile(photo.ref, photo.person, *state)
        faces = without_forgotten(self.catalog, read.sha256, read.faces)
        earlier = EarlierFaces.of(self.catalog, photo.ref, known.sha256, self.model) if known else None
        ids = self.catalog.put_photo(file, [(face, face.vector) for face in faces], self.model)
        for number, face in zip(ids, faces, strict=True):
            self.gallery.crops.put(number, face.crop)
        if earlier is not None:
            earlier.hand_over(self.catalog, read.sha256, ids, faces)
        self._enter_notes(photo.ref, read)
        if not read.reason:
            (self.summary.changed if known else self.summary.added).append(photo.ref)

    def _publish(self) -> None:
        if self.faces is not None:
            self.summary.newly_told = newly_told(self.catalog, self.summary.unusable)
        self.summary.dated = publish_faces(self.gallery, Embedder(self.gallery.model_folder()), self.state.detector)
        counts = self.catalog.queries.counts()
        self.summary.faces, self.summary.people = counts["faces"], counts["people"]
        self.summary.groups, self.summary.unlabelled = counts["groups"], counts["unlabelled"]
        self.summary.albums = list(self.catalog.labels.albums().values())
        self.summary.generation = self.gallery.generations.current()
        names, lives = self.catalog.labels.names(), columns_of_people(self.catalog).lives
        self.summary.disputed = {names[person]: years for person, years in lives.disputed.items()}
        self.names.tell_of_faces()
