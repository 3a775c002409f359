"""Forgetting of people and photos: erased from catalogue, crops and all generations, with proof."""

from __future__ import annotations

import contextlib
from collections.abc import ItemsView, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from niteru.engine.embedding.embedder import Embedder, ModelInfo
from niteru.engine.networks.model_folder import ModelUnusable, read_info
from niteru.engine.photos.remote import exists, is_remote
from niteru.indexer.ask.not_found import ImageNotFound, PersonNotFound
from niteru.indexer.catalog.connection import CatalogError
from niteru.indexer.catalog.rows import FaceVector, PhotoState
from niteru.indexer.catalog.suppression import SuppressionList
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.generation import GenerationUnusable
from niteru.indexer.generations.rarity_calibration import Calibration, model_calibration
from niteru.indexer.storage.open import open_backend
from niteru.indexer.storage.reports import holds_report, known_reports
from niteru.indexer.update.publishing import erase, publish_faces
from niteru.indexer.update.traces import Traces


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was forgotten, and how that was checked; it contains no vector and no picture.

    Attributes:
        person: who was forgotten; None where single photos were.
        at: time, ISO 8601 in UTC.
        photos: the person's, or those named, and any others with the same bytes.
        faces: number of faces in those photos.
        elsewhere: number of unlabelled faces in other photos that were as like the person as one person is.
        generation: current one; None if nobody is left, or the gallery's model is missing.
        generations_removed: numbers of older ones, which contained the vectors too.
        questions: number of searches with forgotten faces afterwards.
        answered: number of those searches that found a forgotten face.
        files: number of files of the gallery that were searched byte by byte.
        traces: files in which something was left.
        still_in_faces: photos that still lie in FACES; ``niteru index`` skips them.
        reports: of the gallery that were removed.
        reports_left: of the gallery that could not be removed.
    """

    person: str | None
    at: str
    photos: list[str]
    faces: int
    elsewhere: int
    generation: int | None
    generations_removed: list[int]
    questions: int
    answered: int
    files: int
    traces: list[str]
    still_in_faces: list[str]
    reports: list[str]
    reports_left: list[str]

    @property
    def clean(self) -> bool:
        """Whether nothing was left anywhere."""
        return not self.answered and not self.traces and not self.reports_left


def forget(address: str | Path, person: str | None = None, photos: Iterable[str] = ()) -> Receipt:
    """Forget a person with all photos, or single photos, and keep them from coming in again.

    If it is interrupted, the next run of this or of ``niteru index`` completes it.

    Args:
        address: of the gallery, see :func:`niteru.indexer.storage.open.open_backend`.
        person: a name.
        photos: or paths below FACES.

    Raises:
        PersonNotFound, ImageNotFound: there is no such person or photo.
        GalleryBusy: another run holds the gallery.
        CatalogError: there is no gallery, or another process keeps reading the catalogue, so that its log cannot be
            emptied.
    """
    if not open_backend(address).exists():
        raise CatalogError(f"{address}: no gallery here")
    with Gallery.writing(address) as gallery:
        interrupted = gallery.catalog.erasing()
        if interrupted:
            _settle(gallery)
        return _Forgetting(gallery, person, list(photos), interrupted).run()


class _Forgetting:
    """Erasure of one person, or of some photos."""

    def __init__(self, gallery: Gallery, person: str | None, photos: list[str], interrupted: bool) -> None:
        self.gallery, self.catalog = gallery, gallery.catalog
        self.person = person = None if person is None else gallery.catalog.queries.known_name(person) or person
        self.interrupted = interrupted
        self.reports = {folder for folder in known_reports(gallery.folder) if holds_report(folder)}
        self.wanted = self._wanted(person, photos)
        self.vectors = self.catalog.queries.vectors_of_photos(photo.ref for photo in self.wanted)
        self.elsewhere = self._elsewhere() if person is not None else []
        gone = self.vectors + self.elsewhere
        crops = [data for face in gone if (data := gallery.crops.data(face.face))]
        self.traces = Traces([face.vector.tobytes() for face in gone], crops)

    def run(self) -> Receipt:
        before = self.gallery.generations.published()
        with self.catalog.transaction():
            contents = {photo.sha256 for photo in self.wanted if photo.sha256}
            SuppressionList(self.catalog).remember([] if self.person is None else [self.person], contents)
            for photo in self.wanted:
                self.catalog.remove_photo(photo.ref)
            self.catalog.remove_faces(face.face for face in self.elsewhere)
            self.catalog.drop_empty_people()
            self.catalog.begin_erasure()
            self.catalog.note("forgot", {"photos": len(self.wanted), "faces": len(self.vectors)})
        _settle(self.gallery)
        return self._receipt(before)

    def _wanted(self, person: str | None, photos: list[str]) -> list[PhotoState]:
        """The person's or named photos, and all others with the same bytes."""
        known = self.catalog.queries.photos()
        people = {photo.person for photo in known.values()}
        ended = self.interrupted and person is not None and SuppressionList(self.catalog).forgets(person)
        if person is not None and person not in people and not ended:
            raise PersonNotFound(_unknown(f"nobody called {person}", person, people, self.gallery.name))
        for ref in photos:
            if ref not in known and not self.interrupted:
                raise ImageNotFound(_unknown(f"no photo {ref}", ref, known, self.gallery.name))
        named = [photo for photo in known.values() if photo.person == person or photo.ref in set(photos)]
        contents = {photo.sha256 for photo in named if photo.sha256}
        refs = {photo.ref for photo in named}
        return [photo for photo in known.values() if photo.ref in refs or photo.sha256 in contents]

    def _elsewhere(self) -> list[FaceVector]:
        """Unlabelled faces in other people's photos that are probably the person's."""
        taken = {face.face for face in self.vectors}
        named = {face.id for face in self.catalog.queries.faces_of_person(str(self.person))}
        found = []
        for model, least in self._thresholds():
            theirs = [face.vector for face in self.vectors if face.model == model and face.face in named]
            strangers = [face for face in self.catalog.queries.vectors_of_nobody(model) if face.face not in taken]
            if strangers and theirs:
                alike = (np.stack([face.vector for face in strangers]) @ np.stack(theirs).T).max(axis=1)
                limit = least.same_person(len(theirs))
                found += [face for face, similarity in zip(strangers, alike, strict=True) if similarity >= limit]
        return found

    def _thresholds(self) -> ItemsView[str, Calibration]:
        """Calibration by model: the gallery's own, or else the one that comes with the model."""
        known: dict[str, Calibration] = {}
        with contextlib.suppress(ModelUnusable):
            info = read_info(self.gallery.model_folder(), ModelInfo)
            known[info.id] = model_calibration(info.calibration)
        with contextlib.suppress(GenerationUnusable):
            known[self.gallery.generation.model] = self.gallery.generation.calibration
        return known.items()

    def _receipt(self, before: list[int]) -> Receipt:
        folder, generations = self.gallery.folder, self.gallery.generations
        now, left = generations.current(), set(known_reports(folder))
        questions, answered = self._ask(now)
        files = self.gallery.backend.files()
        kept = set(generations.published())
        return Receipt(
            person=self.person,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            photos=[photo.ref for photo in self.wanted],
            faces=len(self.vectors),
            elsewhere=len(self.elsewhere),
            generation=now,
            generations_removed=[number for number in before if number not in kept],
            questions=questions,
            answered=answered,
            files=len(files),
            traces=[_within(file, folder) for file in self.traces.left_in(files)],
            still_in_faces=self._still_there(),
            reports=sorted(str(report) for report in self.reports - left),
            reports_left=sorted(map(str, left)),
        )

    def _ask(self, now: int | None) -> tuple[int, int]:
        """Search for each forgotten face; the number of searches, and of those that found a forgotten face."""
        if now is None:
            return 0, 0
        current = self.gallery.generations.load(now)
        gone = self.vectors + self.elsewhere
        asked = [face.vector for face in gone if face.model == current.model]
        ids = [face.face for face in gone]
        return len(asked), sum(bool(np.isin(current.nearest(one, 10).face_ids, ids).any()) for one in asked)

    def _still_there(self) -> list[str]:
        faces = self.catalog.queries.setting("faces")
        if is_remote(faces):
            addresses = [f"{str(faces).rstrip('/')}/{photo.ref}" for photo in self.wanted]
            return [address for address in addresses if exists(address)]
        root = Path(faces or ".")
        below = root.parent if root.is_file() else root
        paths = [below / photo.ref for photo in self.wanted] if faces else []
        return [str(path) for path in paths if path.exists()]


def _settle(gallery: Gallery) -> None:
    """Publish without what was forgotten, and erase it everywhere else."""
    try:
        publish_faces(gallery, Embedder(gallery.model_folder()), gallery.catalog.queries.detector() or "")
    except ModelUnusable:
        # Nothing can be published without the model, and no generation with the vectors may stay.
        gallery.generations.withdraw()
        gallery.sweep_crops()
    erase(gallery)


def _within(file: Path, folder: Path) -> str:
    return str(file.relative_to(folder) if file.is_relative_to(folder) else file)


def _unknown(what: str, name: str, names: Iterable[str], gallery: str) -> str:
    near = get_close_matches(name, names, 3)
    return f"{gallery}: {what}" + (f"; did you mean {' or '.join(near)}?" if near else "")
