"""Bring a gallery up to date with a folder of photos."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import monotonic

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.faces.detector import WholePicture, detector_name
from niteru.engine.failure import Failure
from niteru.engine.photos.faces_folder import LabelledPhoto, Listing, list_photos
from niteru.engine.photos.remote import is_remote
from niteru.engine.photos.skip_reason import SkipReason
from niteru.engine.work.cluster import Bulk, bulk, has_cluster
from niteru.engine.work.executors import map_ahead
from niteru.engine.work.progress import progress_bar
from niteru.indexer.catalog.rows import PhotoFile, PhotoState
from niteru.indexer.catalog.suppression import SuppressionList
from niteru.indexer.gallery import Gallery
from niteru.indexer.storage.open import open_backend
from niteru.indexer.update.moves import KnownPhoto, known_photos
from niteru.indexer.update.publishing import choose_index, erase, publish_faces
from niteru.indexer.update.reading import Batch, PhotoRead, PhotoTask, read_photos, reading_code
from niteru.indexer.update.summary import Summary

log = logging.getLogger("niteru")
BATCH = 16
"""Photos read and committed together, by one worker: what an interruption may cost."""


class OtherPhotos(Failure):
    """The photos are not the gallery's: none in common, or crops where it has photographs."""


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
        run = Run(gallery, faces, allowed, crops)
        summary = run.plan() if dry else run.carry_out()
    summary.dry = dry
    summary.seconds = monotonic() - start
    return summary


class Run:
    """One update of one gallery.

    Args:
        gallery: opened for writing, unless it is only planned.
        faces: where the photos lie, all there are; None if these come by hand, beside the ones that are there.
        listing: the photos.
        crops: the pictures are face crops already.
    """

    def __init__(self, gallery: Gallery, faces: str | Path | None, listing: Listing, crops: bool) -> None:
        self.gallery, self.catalog = gallery, gallery.catalog
        self.faces, self.photos, self.crops = faces, listing.photos, crops
        self.detector = detector_name(crops)
        self.embedder = Embedder(gallery.model_folder())
        self.known = self.catalog.queries.photos()
        self.without_crop = self.catalog.queries.photos_of(gallery.lost_crops())
        self.elsewhere: dict[str, KnownPhoto] = {}
        self.summary = Summary(skipped=dict(listing.skipped))

    def plan(self) -> Summary:
        """Sort the photos into new, changed, unchanged and gone, by size and time of change."""
        refs = {photo.ref for photo in self.photos}
        gone = {ref: None for ref, known in self.known.items() if ref not in refs and not self._stays(known)}
        self.elsewhere = known_photos(
            (photo for photo in self.photos if photo.ref not in self.known), filter(self._as_now, self.known.values())
        )
        if gone and len(gone) == sum(not self._stays(known) for known in self.known.values()) and not self.elsewhere:
            usable = sum(known.reason is None for known in self.known.values())
            raise OtherPhotos(
                f"{self.faces} holds none of the {usable} photos of {self.gallery.name}, so all would be "
                "dropped. For other photos use another GALLERY; to start anew remove the gallery's folder"
            )
        self._check_kind()
        summary = self.summary
        for photo in self.photos:
            known = self.known.get(photo.ref)
            if known is None and photo.ref in self.elsewhere and self.elsewhere[photo.ref].source in gone:
                del gone[self.elsewhere[photo.ref].source]
                summary.moved.append(photo.ref)
            elif known is None:
                summary.added.append(photo.ref)
            elif self._differs(photo, known):
                summary.changed.append(photo.ref)
            else:
                self._count_unchanged(known)
        summary.removed = list(gone)
        return summary

    def _stays(self, known: PhotoState) -> bool:
        """Whether a photo need not be among these."""
        return self.faces is None or known.added

    def _as_now(self, known: PhotoState) -> bool:
        """Whether a photo's faces are what detector and model of today make of its bytes."""
        return known.reason is None and known.detector == self.detector and known.model == self.embedder.info.id

    def _check_kind(self) -> None:
        """Vectors of crops taken whole and of faces that were found do not meet in one gallery."""
        was_crops = {known.detector == WholePicture.name for known in self.known.values()}
        if was_crops and was_crops != {self.crops}:
            how = "with" if True in was_crops else "without"
            raise OtherPhotos(
                f"{self.gallery.name} was indexed {how} CROPS=1: do so again, or use another GALLERY for these photos"
            )

    def carry_out(self) -> Summary:
        """Do what the plan says, in durable batches."""
        planned = self.plan()
        todo = (set(planned.added) - set(self.elsewhere)) | set(planned.changed)
        planned.added, planned.changed = [ref for ref in planned.added if ref in self.elsewhere], []
        with self.catalog.transaction():
            if self.faces is not None:
                here = self.faces if is_remote(self.faces) else Path(self.faces).resolve()
                self.catalog.set_setting("faces", str(here))
            self._take_over(set(planned.moved))
            for ref in planned.removed:
                self.catalog.remove_photo(ref)
        for batch in self._read([self._task(photo) for photo in self.photos if photo.ref in todo]):
            self._commit(batch)
        self._publish()
        erase(self.gallery)  # what a forgetting that was interrupted had still to do
        return planned

    def _take_over(self, moved: set[str]) -> None:
        """Enter the photos that are known under another name; copies before their sources go."""
        for ref, known in self.elsewhere.items():
            if ref not in moved:
                file = replace(known.file, added=self.faces is None)
                for face, copy in self.catalog.copy_photo(known.source, file).items():
                    self.gallery.crops.copy(face, copy)
        for ref in moved:
            self.catalog.move_photo(self.elsewhere[ref].source, self.elsewhere[ref].file)

    def _same_but_bytes(self, photo: LabelledPhoto, known: PhotoState) -> bool:
        """Whether only the file itself may have changed, not whose it is or what finds and embeds its faces."""
        same_model = known.model in (None, self.embedder.info.id)
        return same_model and photo.person == known.person and self.detector == known.detector

    def _differs(self, photo: LabelledPhoto, known: PhotoState) -> bool:
        try:
            stat = photo.path.stat()
        except OSError:
            return True
        same_bytes = (stat.st_size, stat.st_mtime_ns) == (known.size, known.mtime_ns)
        # What could not be read may be readable now: permissions leave no trace in size or time.
        again = known.reason == SkipReason.UNREADABLE or photo.ref in self.without_crop
        return not same_bytes or again or not self._same_but_bytes(photo, known)

    def _task(self, photo: LabelledPhoto) -> PhotoTask:
        known = self.known.get(photo.ref)
        as_it_was = known and self._same_but_bytes(photo, known) and photo.ref not in self.without_crop
        return PhotoTask(photo, known.sha256 if known and as_it_was else None, self.crops)

    def _count_unchanged(self, known: PhotoState) -> None:
        if known.reason:
            self.summary.skipped[known.ref] = known.reason
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
        if len(tasks) <= BATCH or (self.crops and not has_cluster()):
            with ThreadPoolExecutor(1) as here:
                yield Bulk(here, 1)
            return
        # Some may be gone by now; but whoever sees neither the first nor the last sees none.
        ends = tuple(file for file in (tasks[0].photo.path, tasks[-1].photo.path) if _is_there(file))
        with bulk(self.gallery.model_folder(), ends) as workers:
            yield workers

    def _commit(self, batch: list[tuple[LabelledPhoto, PhotoRead]]) -> None:
        with self.catalog.transaction():
            for photo, read in batch:
                self._enter(photo, read)

    def _enter(self, photo: LabelledPhoto, read: PhotoRead) -> None:
        known = self.known.get(photo.ref)
        if known and read.same:
            self.catalog.touch_photo(photo.ref, read.size, read.mtime_ns)
            self._count_unchanged(known)
            return
        if read.reason:
            self.summary.skipped[photo.ref] = read.reason
        if known and read.reason == SkipReason.UNREADABLE:
            return  # a disk that fails for a moment costs no face
        added = self.faces is None or (known is not None and known.added)
        state = (read.sha256, read.size, read.mtime_ns, self.detector, read.reason, added)
        file = PhotoFile(photo.ref, photo.person, *state)
        ids = self.catalog.put_photo(file, [(face, face.vector) for face in read.faces], self.embedder.info.id)
        for number, face in zip(ids, read.faces, strict=True):
            self.gallery.crops.put(number, face.crop)
        if not read.reason:
            (self.summary.changed if known else self.summary.added).append(photo.ref)

    def _publish(self) -> None:
        publish_faces(self.gallery, self.embedder, self.detector)
        counts = self.catalog.queries.counts()
        self.summary.faces, self.summary.people = counts["faces"], counts["people"]
        self.summary.unlabelled = counts["unlabelled"]
        self.summary.generation = self.gallery.generations.current()


def _is_there(file: Path) -> bool:
    try:
        return bool(file.stat())
    except OSError:
        return False
